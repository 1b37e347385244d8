/// Random numbers that depend only on what they are for, never on what was drawn before: the same seed, epoch and sample give
/// the same sequence on any thread and after any interruption. The sequence is SplitMix64 (Steele et al. 2014) from a state
/// into which the three words are mixed one after another.
public struct CounterRandom: Sendable {
  private var state: UInt64

  /// The sequence of one sample in one epoch. Negative numbers are fine: only the bits count.
  public init(seed: UInt64, epoch: Int, sample: Int) {
    state = CounterRandom.mix(seed &+ CounterRandom.step)
    state = CounterRandom.mix(state ^ UInt64(bitPattern: Int64(epoch)) &+ CounterRandom.step)
    state = CounterRandom.mix(state ^ UInt64(bitPattern: Int64(sample)) &+ CounterRandom.step)
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// 64 random bits.
  public mutating func bits() -> UInt64 {
    state &+= CounterRandom.step
    return CounterRandom.mix(state)
  }

  /// A whole number of `0..<bound`, each equally likely.
  /// - Precondition: `bound` is at least 1.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "nothing to draw from")
    let range = UInt64(bound)
    // Lemire's method: the high word of a product, with the few biased low words redrawn.
    var product = bits().multipliedFullWidth(by: range)
    if product.low < range {
      let biased = (0 &- range) % range
      while product.low < biased { product = bits().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// A fair coin.
  public mutating func flip() -> Bool { bits() >> 63 == 1 }
}

/// The order in which an epoch visits the samples: a permutation of `0..<count` drawn from the seed and the epoch alone.
public func epochOrder(count: Int, seed: UInt64, epoch: Int) -> [Int32] {
  var order = (0..<Int32(count)).map { $0 }
  // No sample has this number, so the order shares no draws with any sample's crop.
  var random = CounterRandom(seed: seed, epoch: epoch, sample: -1)
  for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, random.below(last + 1)) }
  return order
}
