import Foundation
import Storage

/// Features of image views by the views' pixels, in memory and in a file.
final class FeatureCache {
  /// 128 bits of a view's pixels.
  struct Key: Hashable {
    var words: SIMD2<UInt64>

    /// The key of pixels (two FNV-1a sums with different starts).
    init(_ pixels: some Sequence<Float>) {
      var (a, b): (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15)
      for value in pixels {
        a = (a ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3
        b = (b ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01b9
        b ^= b >> 29
      }
      words = SIMD2(a, b)
    }

    init(_ numbers: ArraySlice<Int32>) {
      let n = numbers.map { UInt64(UInt32(bitPattern: $0)) }
      words = SIMD2(n[0] | n[1] << 32, n[2] | n[3] << 32)
    }

    var numbers: [Int32] {
      [words[0], words[0] >> 32, words[1], words[1] >> 32].map { Int32(truncatingIfNeeded: $0) }
    }
  }

  private let path: String
  private let width: Int
  private let identity: String
  private var features: [Key: [Float]] = [:]
  private var isSaved = true

  /// Opens a cache; what is in the file is used where it has the same identity: all that a feature depends on besides
  /// the view.
  init(width: Int, identity: String, path: String) throws {
    self.path = path
    self.width = width
    self.identity = identity
    guard FileManager.default.fileExists(atPath: path) else { return }
    let file = try SafetensorsFile(path: path)
    guard file.metadata["teacher"] == identity else { return }
    let (keys, values) = (try file.int32s("keys"), try file.floats("features"))
    guard keys.count % 4 == 0, values.count == keys.count / 4 * width else { return }
    for row in 0..<keys.count / 4 {
      features[Key(keys[row * 4..<row * 4 + 4])] = Array(values[row * width..<(row + 1) * width])
    }
  }

  /// A sum over all bytes of a file of weights: files of one architecture are equally long.
  static func fingerprint(_ path: String) throws -> String {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    return bytes.withUnsafeBytes { raw in
      var sum: UInt64 = 0xcbf2_9ce4_8422_2325
      let whole = raw.count / 8 * 8
      for start in stride(from: 0, to: whole, by: 8) {
        sum = (sum ^ raw.loadUnaligned(fromByteOffset: start, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
        sum ^= sum >> 32
      }
      for place in whole..<raw.count { sum = (sum ^ UInt64(raw[place])) &* 0x100_0000_01b3 }
      return String(sum, radix: 16)
    }
  }

  /// Writes the features of all views; false where any is not kept.
  func write(_ keys: [Key], to target: UnsafeMutableBufferPointer<Float>) -> Bool {
    let found = keys.compactMap { features[$0] }
    guard found.count == keys.count else { return false }
    for (row, feature) in found.enumerated() {
      for (index, value) in feature.enumerated() { target[row * width + index] = value }
    }
    return true
  }

  /// Keeps the feature of a view.
  func keep(_ key: Key, _ feature: [Float]) {
    if features.updateValue(feature, forKey: key) == nil { isSaved = false }
  }

  /// Writes the file where something is new.
  func save() throws {
    guard !isSaved else { return }
    let ordered = features.sorted { ($0.key.words[0], $0.key.words[1]) < ($1.key.words[0], $1.key.words[1]) }
    let (keys, values) = (ordered.flatMap { $0.key.numbers }, ordered.flatMap { $0.value })
    try SafetensorsWriter.write(
      path: path,
      tensors: [
        TensorSource(name: "keys", shape: [ordered.count, 4], values: .integers(keys)),
        TensorSource(name: "features", shape: [ordered.count, width], values: .floats(values)),
      ], metadata: ["teacher": identity])
    isSaved = true
  }
}
