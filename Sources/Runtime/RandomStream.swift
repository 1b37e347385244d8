import KernelInterface

/// Random numbers one after another, for filling storage: the words of `Philox` at growing counters.
struct RandomStream {
  private var counter: UInt64 = 0
  private let key: SIMD2<UInt32>
  private let stream: UInt64
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// A generator that depends on the seed and the stream alone.
  init(seed: UInt64, stream: UInt64) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.stream = stream
  }

  /// 32 random bits.
  mutating func next() -> UInt32 {
    if used == 4 {
      words = Philox.block(
        SIMD4(
          UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
          UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)), key: key)
      counter += 1
      used = 0
    }
    used += 1
    return words[used - 1]
  }

  /// A number in [0, 1).
  mutating func uniform() -> Double { Double(next()) * 0x1p-32 }
}
