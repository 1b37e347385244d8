import Foundation

/// How much of a sub-codebook is in use: the share of entries hit, and the perplexity of their frequencies, over a
/// window of the last 65,536 indices (method section 1).
public struct UsageWindow: Sendable {
  /// Indices remembered.
  public static let capacity = 65_536

  private var counts: [Int]
  private var ring: [Int32] = []
  private var next = 0

  /// An empty window over a codebook of `size` entries.
  public init(size: Int) { counts = Array(repeating: 0, count: size) }

  /// Adds indices, forgetting the oldest past the capacity.
  public mutating func add(_ indices: some Sequence<Int32>) {
    for index in indices where counts.indices.contains(Int(index)) {
      if ring.count < Self.capacity {
        ring.append(index)
      } else {
        counts[Int(ring[next])] -= 1
        ring[next] = index
        next = (next + 1) % Self.capacity
      }
      counts[Int(index)] += 1
    }
  }

  /// Share of entries hit, in [0, 1].
  public var usage: Double { Double(counts.lazy.filter { $0 > 0 }.count) / Double(counts.count) }

  /// exp of the entropy of the frequencies: the number of entries that would be as varied if equally frequent.
  public var perplexity: Double {
    let total = Double(ring.count)
    guard total > 0 else { return 0 }
    var entropy = 0.0
    for count in counts where count > 0 {
      let p = Double(count) / total
      entropy -= p * log(p)
    }
    return exp(entropy)
  }
}
