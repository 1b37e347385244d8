/// One tensor to be written: its name, and its values or where they lie in memory.
public struct TensorSource {
  /// The values, in the form they have in memory.
  public enum Values {
    /// Written as they are.
    case float32(UnsafeBufferPointer<Float>)
    /// f32 in memory, rounded to the nearest bfloat16 on disk.
    case bfloat16(rounding: UnsafeBufferPointer<Float>)
    /// Written as they are.
    case int32(UnsafeBufferPointer<Int32>)
    /// Any other type, given as its little-endian bytes.
    case bytes(TensorType, UnsafeRawBufferPointer)
    /// f32 that the source itself holds.
    case floats([Float])
    /// i32 that the source itself holds.
    case integers([Int32])
  }

  /// The name in the file.
  public let name: String
  /// The shape, outermost dimension first.
  public let shape: [Int]
  /// The values; what they point to must stay valid until the write ends.
  public let values: Values

  /// Describes a tensor; the writer checks that the shape fits the values.
  public init(name: String, shape: [Int], values: Values) {
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// The element type on disk.
  public var type: TensorType {
    switch values {
    case .float32, .floats: .f32
    case .bfloat16: .bf16
    case .int32, .integers: .i32
    case .bytes(let type, _): type
    }
  }

  /// Bytes on disk.
  var byteCount: Int {
    switch values {
    case .float32(let buffer): buffer.count * 4
    case .bfloat16(let buffer): buffer.count * 2
    case .int32(let buffer): buffer.count * 4
    case .bytes(_, let buffer): buffer.count
    case .floats(let values): values.count * 4
    case .integers(let values): values.count * 4
    }
  }
}

/// Writes safetensors files: atomically, one tensor after another, the header padded so that the data begins at a multiple
/// of 8. Tensors keep their order within an element size, larger sizes first, so every tensor is aligned.
public enum SafetensorsWriter {
  /// Writes a file.
  /// - Throws: `SafetensorsError` of kind `source` where names repeat or a shape does not fit, `FileError` on a failed write.
  public static func write(path: String, tensors: [TensorSource], metadata: [String: String] = [:]) throws {
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else {
        throw SafetensorsError(.source, path, tensor: tensor.name, "the name is used twice, or reserved")
      }
      var needed = tensor.type.byteCount
      for size in tensor.shape {
        let (product, overflow) = needed.multipliedReportingOverflow(by: size)
        needed = overflow || size < 0 ? -1 : product
      }
      guard needed == tensor.byteCount else {
        throw SafetensorsError(
          .source, path, tensor: tensor.name,
          "\(tensor.type.rawValue) of shape \(tensor.shape) does not fit \(tensor.byteCount) bytes of values")
      }
    }
    let ordered = tensors.enumerated().sorted {
      (-$0.element.type.byteCount, $0.offset) < (-$1.element.type.byteCount, $1.offset)
    }.map(\.element)
    let header = header(ordered, metadata: metadata)
    try AtomicFile.write(path) { file in
      try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.append($0) }
      try file.append(header)
      for tensor in ordered { try append(tensor.values, to: file) }
    }
  }

  private static func header(_ tensors: [TensorSource], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let notes = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.byteCount
      members.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    while bytes.count % 8 != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }

  private static func append(_ values: TensorSource.Values, to file: AtomicFile) throws {
    switch values {
    case .float32(let buffer): try file.append(UnsafeRawBufferPointer(buffer))
    case .int32(let buffer): try file.append(UnsafeRawBufferPointer(buffer))
    case .bytes(_, let buffer): try file.append(buffer)
    case .floats(let values): try values.withUnsafeBytes { try file.append($0) }
    case .integers(let values): try values.withUnsafeBytes { try file.append($0) }
    case .bfloat16(let buffer):
      let window = 1 << 15
      for start in stride(from: 0, to: buffer.count, by: window) {
        let rounded = buffer[start..<min(start + window, buffer.count)].map(bfloat16)
        try rounded.withUnsafeBytes { try file.append($0) }
      }
    }
  }
}
