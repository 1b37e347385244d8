import Foundation

/// A checkpoint in PyTorch's format (.pt, .pth: a zip archive with a pickle), opened for reading tensors. The pickle is
/// interpreted as data; nothing that it names is executed.
public final class TorchFile: Sendable {
  /// A tensor: a strided view of a storage.
  public struct Entry: Sendable, Equatable {
    /// Extents, outermost first.
    public let shape: [Int]
    let strides: [Int]
    let offset: Int
    let storage: String
    let type: TensorType
  }

  /// The path as given.
  public let path: String
  /// Tensors by dotted path: dictionaries in dictionaries join their keys.
  public let tensors: [String: Entry]
  private let archive: ZipArchive
  private let folder: String

  /// Opens a checkpoint.
  /// - Throws: `FileError` where it cannot be read, `TorchError` where it is not what PyTorch writes.
  public init(path: String) throws {
    self.path = path
    archive = try ZipArchive(path: path)
    guard let index = archive.members.keys.filter({ $0.hasSuffix("data.pkl") }).min(by: { $0.count < $1.count }) else {
      throw TorchError(path, "the archive has no data.pkl, so it is not a PyTorch checkpoint")
    }
    folder = String(index.dropLast("data.pkl".count))
    tensors = try PickleReader.read(try archive.content(index), path: path) { value in
      var found: [String: Entry] = [:]
      var visits = 0
      try Self.collect(value, "", path, &found, &visits, depth: 0)
      return found
    }
  }

  /// More values than any checkpoint names. A small file may name more: dictionaries that hold one another many times.
  private static let mostVisits = 1 << 20
  private static let longestName = 4096

  private static func collect(
    _ value: PickleValue, _ prefix: String, _ path: String, _ found: inout [String: Entry], _ visits: inout Int,
    depth: Int
  ) throws {
    // Containers may refer to themselves; no checkpoint nests deep.
    guard depth < 16 else { return }
    visits += 1
    guard visits <= mostVisits else { throw TorchError(path, "it names more than \(mostVisits) values") }
    switch value {
    case .dictionary(let box):
      for (key, value) in box.pairs {
        let name: String
        switch key {
        case .text(let text): name = text
        case .int(let number): name = String(number)
        default: continue
        }
        guard name.utf8.count <= longestName else {
          throw TorchError(path, "it has a name of \(name.utf8.count) bytes")
        }
        try collect(
          value, prefix.isEmpty ? name : prefix + "." + name, path, &found, &visits, depth: depth + 1)
      }
    case .object(let name, let box):
      switch name {
      case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
        found[prefix] = try entry(box.items, prefix, path)
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
        if let data = box.items.first { try collect(data, prefix, path, &found, &visits, depth: depth + 1) }
      default: break
      }
    default: break
    }
  }

  private static let types: [String: TensorType] = [
    "FloatStorage": .f32, "HalfStorage": .f16, "BFloat16Storage": .bf16, "DoubleStorage": .f64, "LongStorage": .i64,
    "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8, "ByteStorage": .u8, "BoolStorage": .bool,
  ]

  /// Storage (a persistent identifier), offset, shape and strides of a rebuilt tensor.
  private static func entry(_ items: [PickleValue], _ name: String, _ path: String) throws -> Entry {
    func integers(_ value: PickleValue) -> [Int]? {
      guard case .tuple(let tuple) = value else { return nil }
      let numbers = tuple.items.compactMap { item -> Int? in
        if case .int(let number) = item { number } else { nil }
      }
      return numbers.count == tuple.items.count ? numbers : nil
    }
    guard items.count >= 4, case .persistent(let identifier) = items[0], case .int(let offset) = items[1],
      let shape = integers(items[2]), let strides = integers(items[3]), shape.count == strides.count,
      identifier.items.count >= 3, case .global(let kind) = identifier.items[1],
      case .text(let key) = identifier.items[2]
    else { throw TorchError(path, "tensor '\(name)' is not described as PyTorch does") }
    guard let type = types[kind.split(separator: ".").last.map(String.init) ?? ""] else {
      throw TorchError(path, "tensor '\(name)' has elements of the unknown type \(kind)")
    }
    guard offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
      throw TorchError(path, "tensor '\(name)' has a negative extent, stride or offset")
    }
    return Entry(shape: shape, strides: strides, offset: offset, storage: key, type: type)
  }

  /// Reads a tensor as f32, row-major.
  public func floats(_ name: String) throws -> [Float] {
    guard let entry = tensors[name] else { throw TorchError(path, "it has no tensor '\(name)'") }
    guard entry.type.readsAsFloat else {
      throw TorchError(path, "tensor '\(name)' has \(entry.type.rawValue) elements, not real numbers")
    }
    guard let member = archive.members["\(folder)data/\(entry.storage)"] else {
      throw TorchError(path, "the storage of '\(name)' is missing")
    }
    // The last element reached must lie in the storage; extents come from the file and may be anything.
    let width = entry.type.byteCount
    var (last, count, overflow) = (entry.offset, 1, false)
    for (extent, stride) in zip(entry.shape, entry.strides) {
      let (reach, first) = stride.multipliedReportingOverflow(by: max(0, extent - 1))
      let (sum, second) = last.addingReportingOverflow(reach)
      let (product, third) = count.multipliedReportingOverflow(by: extent)
      (last, count, overflow) = (sum, product, overflow || first || second || third)
    }
    guard !overflow, count == 0 || last < member.size / width, count <= member.size / width else {
      throw TorchError(path, "tensor '\(name)' reaches beyond its storage")
    }
    guard count > 0 else { return [] }
    let bytes = try archive.bytes(member.offset + entry.offset * width, (last - entry.offset + 1) * width)
    return bytes.withUnsafeBytes { raw in
      func element(_ index: Int) -> Float {
        switch entry.type {
        case .f32: raw.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
        case .f64: Float(raw.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
        case .f16: floatFromHalf(raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        case .bf16:
          Float(bitPattern: UInt32(raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)) << 16)
        default: Float(raw[index])
        }
      }
      var place = [Int](repeating: 0, count: entry.shape.count)
      return (0..<count).map { _ in
        let value = element(zip(place, entry.strides).reduce(0) { $0 + $1.0 * $1.1 })
        for dimension in entry.shape.indices.reversed() {
          place[dimension] += 1
          if place[dimension] < entry.shape[dimension] { break }
          place[dimension] = 0
        }
        return value
      }
    }
  }
}
