import Foundation

/// A safetensors file opened for reading. The header is checked in full on opening; the data stays on disk until read,
/// and f32 goes straight into the caller's memory. Safe to use from several threads.
///
/// It reads with calls and not through a memory map, so that a file cut short by another process is an error and not a
/// signal.
public final class SafetensorsFile: Sendable {
  /// The path as given.
  public let path: String
  /// The tensors by name.
  public let tensors: [String: TensorEntry]
  /// The file's own notes (`__metadata__`), empty where it has none.
  public let metadata: [String: String]
  private let file: FileDescriptor

  /// Opens and checks a file.
  /// - Throws: `FileError` where it cannot be read, `SafetensorsError` where its header is wrong.
  public init(path: String) throws {
    let file = try FileDescriptor(path, flags: O_RDONLY | O_NONBLOCK)
    let size = try file.regularFileSize()
    guard size >= 10 else { throw SafetensorsError(.headerSize, path, "\(size) bytes are too few for a header") }
    var length: UInt64 = 0
    try withUnsafeMutableBytes(of: &length) { try file.read(into: $0, at: 0) }
    length = UInt64(littleEndian: length)
    guard length >= 2, length <= UInt64(size - 8), length <= UInt64(SafetensorsHeader.maximumBytes) else {
      throw SafetensorsError(
        .headerSize, path,
        "the header's length reads \(length) in a file of \(size) bytes: truncated, or another format")
    }
    var json = [UInt8](repeating: 0, count: Int(length))
    try json.withUnsafeMutableBytes { try file.read(into: $0, at: 8) }
    let header = try SafetensorsHeader(json: json, fileSize: size, path: path)
    self.path = path
    self.file = file
    tensors = header.tensors
    metadata = header.metadata
  }

  /// The entry of a tensor that must be there.
  /// - Throws: `SafetensorsError` of kind `missing`.
  public func entry(_ name: String) throws(SafetensorsError) -> TensorEntry {
    guard let entry = tensors[name] else {
      throw SafetensorsError(.missing, path, tensor: name, "the file has no such tensor (it has \(tensors.count))")
    }
    return entry
  }

  /// Reads a tensor as f32, row-major, in the file's order; BF16, F16 and U8 are widened, F64 is rounded.
  /// - Parameter buffer: exactly as many elements as the tensor has.
  /// - Throws: `SafetensorsError` for an absent tensor, another count or an integer type; `FileError` on a failed read.
  public func read(_ name: String, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    let entry = try checked(name, count: buffer.count)
    switch entry.type {
    case .f32: try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: entry.bytes.lowerBound)
    case .bf16: try convert(entry, into: buffer) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .f16: try convert(entry, into: buffer, floatFromHalf)
    case .f64: try convert(entry, into: buffer) { (value: Double) in Float(value) }
    case .u8: try convert(entry, into: buffer) { (value: UInt8) in Float(value) }
    case .i32, .i64, .i8, .i16, .u16, .u32, .u64, .bool, .f8e4m3, .f8e5m2:
      throw SafetensorsError(.mismatch, path, tensor: name, "\(entry.type.rawValue) cannot be read as f32")
    }
  }

  /// Reads a tensor as f32 into a new array.
  public func floats(_ name: String) throws -> [Float] {
    let count = try entry(name).count
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      // The buffer may be larger than asked for.
      try read(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// Reads an I32, I64 or U8 tensor as i32.
  /// - Throws: as `read`; also where a value does not fit 32 bits.
  public func readInt32(_ name: String, into buffer: UnsafeMutableBufferPointer<Int32>) throws {
    let entry = try checked(name, count: buffer.count)
    switch entry.type {
    case .i32: try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: entry.bytes.lowerBound)
    case .u8: try convert(entry, into: buffer) { (value: UInt8) in Int32(value) }
    case .i64:
      try convert(entry, into: buffer) { (value: Int64) in
        guard let narrow = Int32(exactly: value) else {
          throw SafetensorsError(.mismatch, path, tensor: name, "the value \(value) does not fit 32 bits")
        }
        return narrow
      }
    case .f32, .bf16, .f16, .f64, .i8, .i16, .u16, .u32, .u64, .bool, .f8e4m3, .f8e5m2:
      throw SafetensorsError(.mismatch, path, tensor: name, "\(entry.type.rawValue) cannot be read as i32")
    }
  }

  /// Reads an integer tensor as i32 into a new array.
  public func int32s(_ name: String) throws -> [Int32] {
    let count = try entry(name).count
    return try [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      try readInt32(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  private func checked(_ name: String, count: Int) throws(SafetensorsError) -> TensorEntry {
    let entry = try entry(name)
    guard entry.count == count else {
      throw SafetensorsError(
        .mismatch, path, tensor: name, "its shape \(entry.shape) has \(entry.count) elements, \(count) are wanted")
    }
    return entry
  }

  /// Converts through a window of fixed size, so that a large tensor is never held twice.
  private func convert<Stored, Wanted>(
    _ entry: TensorEntry, into buffer: UnsafeMutableBufferPointer<Wanted>, _ element: (Stored) throws -> Wanted
  ) throws {
    let window = min(entry.count, 1 << 15)
    guard window > 0 else { return }
    let stored = UnsafeMutableBufferPointer<Stored>.allocate(capacity: window)
    defer { stored.deallocate() }
    var done = 0
    while done < entry.count {
      let count = min(window, entry.count - done)
      let offset = entry.bytes.lowerBound + done * MemoryLayout<Stored>.stride
      try file.read(
        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: stored[..<count])), at: offset)
      for index in 0..<count { buffer[done + index] = try element(stored[index]) }
      done += count
    }
  }
}
