import Foundation
import Storage

/// Tensors of a file of another program, whatever its format.
public enum ForeignWeights {
  /// A safetensors file.
  case safetensors(SafetensorsFile)
  /// A PyTorch checkpoint.
  case torch(TorchFile)

  /// Opens a file by its content.
  public init(path: String) throws {
    let handle = FileHandle(forReadingAtPath: path)
    defer { try? handle?.close() }
    let start = try handle?.read(upToCount: 4) ?? Data()
    // A zip archive, or the pickled number with which PyTorch's format before 1.6 begins; the reader knows what to say.
    let isTorch = start == Data([0x50, 0x4b, 3, 4]) || start == Data([0x80, 2, 0x8a, 0x0a])
    self = isTorch ? .torch(try TorchFile(path: path)) : .safetensors(try SafetensorsFile(path: path))
  }

  /// The path.
  public var path: String {
    switch self {
    case .safetensors(let file): file.path
    case .torch(let file): file.path
    }
  }

  /// Shapes by name.
  public var shapes: [String: [Int]] {
    switch self {
    case .safetensors(let file): file.tensors.mapValues(\.shape)
    case .torch(let file): file.tensors.mapValues(\.shape)
    }
  }

  /// The elements of a tensor.
  public func floats(_ name: String) throws -> [Float] {
    switch self {
    case .safetensors(let file): try file.floats(name)
    case .torch(let file): try file.floats(name)
    }
  }
}
