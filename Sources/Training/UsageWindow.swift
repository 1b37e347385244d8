import Foundation

/// How much of a sub-codebook is in use: the share of entries hit, and the perplexity of their frequencies, over a
/// window of the last 65,536 indices (method section 1). Adding indices allocates nothing.
public struct UsageWindow: Sendable {
  /// Indices remembered.
  public static let capacity = 65_536

  private var counts: [Int32]
  private var ring: [Int32] = []
  private var next = 0

  /// An empty window over a codebook of `size` entries.
  public init(size: Int) {
    counts = Array(repeating: 0, count: size)
    ring.reserveCapacity(Self.capacity)
  }

  /// A window that has seen `history`, the oldest index first.
  public init(size: Int, history: [Int32]) {
    self.init(size: size)
    history.withUnsafeBufferPointer { add($0) }
  }

  /// The indices remembered, the oldest first.
  public var history: [Int32] { Array(ring[next...] + ring[..<next]) }

  /// Adds indices, forgetting the oldest past the capacity. Indices outside the codebook are passed over.
  public mutating func add(_ indices: UnsafeBufferPointer<Int32>) {
    for index in indices where index >= 0 && index < counts.count {
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
  public var usage: Double { Double(counts.count { $0 > 0 }) / Double(counts.count) }

  /// exp of the entropy of the frequencies: the number of entries that would be as varied if equally frequent; 0 for an
  /// empty window.
  public var perplexity: Double { Perplexity.of(counts.lazy.map(Int.init)) }
}

/// Perplexity of frequencies.
enum Perplexity {
  /// exp of the entropy of the frequencies; 0 where there are none.
  static func of(_ counts: some Sequence<Int>) -> Double {
    var (total, weighted) = (0.0, 0.0)
    for count in counts where count > 0 {
      total += Double(count)
      weighted += Double(count) * log(Double(count))
    }
    return total > 0 ? exp(log(total) - weighted / total) : 0
  }
}
