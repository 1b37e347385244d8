/// Counter-based random numbers for filling storage: Philox 4x32-10 (Salmon et al., 2011).
public struct Philox: Sendable {
  private var counter: UInt64 = 0
  private let key: SIMD2<UInt32>
  private let stream: UInt64
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// A generator that depends on the seed and the stream alone.
  public init(seed: UInt64, stream: UInt64) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.stream = stream
  }

  /// 32 random bits.
  public mutating func next() -> UInt32 {
    if used == 4 {
      words = Self.block(
        SIMD4(
          UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
          UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)), key)
      counter += 1
      used = 0
    }
    used += 1
    return words[used - 1]
  }

  /// A number in [0, 1).
  public mutating func uniform() -> Double { Double(next()) * 0x1p-32 }

  /// The function itself: four words from a counter and a key.
  public static func block(_ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let first = UInt64(0xD251_1F53) * UInt64(c[0])
      let second = UInt64(0xCD9E_8D57) * UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: second >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: first))
      k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
    }
    return c
  }
}
