import Foundation

/// Writes tensors as PyTorch does (a zip archive with a pickle), under dictionaries in dictionaries, for tests of what
/// reads them.
public enum TorchWriter {
  /// A checkpoint `{section: {name: tensor}}` of f32 tensors.
  public static func checkpoint(section: String, _ tensors: [(name: String, shape: [Int], values: [Float])]) -> Data {
    var pickle = Data([0x80, 2])
    pickle.append(contentsOf: "}(".utf8)
    text(section, &pickle)
    pickle.append(contentsOf: "}(".utf8)
    for (index, tensor) in tensors.enumerated() {
      text(tensor.name, &pickle)
      pickle.append(contentsOf: "ctorch._utils\n_rebuild_tensor_v2\n(".utf8)
      // The storage: ('storage', type, key, location, length) as a persistent identifier.
      pickle.append(UInt8(ascii: "("))
      text("storage", &pickle)
      pickle.append(contentsOf: "ctorch\nFloatStorage\n".utf8)
      text(String(index), &pickle)
      text("cpu", &pickle)
      integer(tensor.values.count, &pickle)
      pickle.append(contentsOf: "tQ".utf8)
      integer(0, &pickle)
      tuple(tensor.shape, &pickle)
      let strides = tensor.shape.indices.map { tensor.shape[($0 + 1)...].reduce(1, *) }
      tuple(strides, &pickle)
      // requires_grad and backward_hooks, then the call.
      pickle.append(contentsOf: [0x89])
      pickle.append(contentsOf: "ccollections\nOrderedDict\n)RtR".utf8)
    }
    pickle.append(contentsOf: "uu.".utf8)
    let storages = tensors.enumerated().map { index, tensor in
      ("archive/data/\(index)", tensor.values.withUnsafeBytes { Data($0) })
    }
    return archive([("archive/data.pkl", pickle)] + storages)
  }

  private static func text(_ text: String, _ pickle: inout Data) {
    pickle.append(UInt8(ascii: "X"))
    append(UInt32(text.utf8.count), &pickle)
    pickle.append(contentsOf: text.utf8)
  }

  private static func integer(_ value: Int, _ pickle: inout Data) {
    pickle.append(UInt8(ascii: "J"))
    append(UInt32(value), &pickle)
  }

  private static func tuple(_ values: [Int], _ pickle: inout Data) {
    pickle.append(UInt8(ascii: "("))
    for value in values { integer(value, &pickle) }
    pickle.append(UInt8(ascii: "t"))
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, _ data: inout Data) {
    withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
  }

  /// A checkpoint with a given pickle and nothing else.
  public static func checkpoint(pickle: [UInt8]) -> Data { archive([("archive/data.pkl", Data(pickle))]) }

  /// An archive of stored members; nobody who reads it looks at the checksums.
  private static func archive(_ members: [(name: String, content: Data)]) -> Data {
    var (file, directory) = (Data(), Data())
    for (name, content) in members {
      let start = UInt32(file.count)
      var common = Data()
      // Version, flags, method, time, date, checksum, sizes, length of the name and of what follows it.
      for value in [UInt16(20), 0, 0, 0, 0] { append(value, &common) }
      for value in [UInt32(0), UInt32(content.count), UInt32(content.count)] { append(value, &common) }
      for value in [UInt16(name.utf8.count), 0] { append(value, &common) }
      append(UInt32(0x0403_4b50), &file)
      file += common + Data(name.utf8) + content
      append(UInt32(0x0201_4b50), &directory)
      append(UInt16(20), &directory)
      directory += common
      for value in [UInt16(0), 0, 0] { append(value, &directory) }
      for value in [UInt32(0), start] { append(value, &directory) }
      directory += Data(name.utf8)
    }
    let start = UInt32(file.count)
    file += directory
    append(UInt32(0x0605_4b50), &file)
    for value in [UInt16(0), 0, UInt16(members.count), UInt16(members.count)] { append(value, &file) }
    for value in [UInt32(directory.count), start] { append(value, &file) }
    append(UInt16(0), &file)
    return file
  }
}
