import Foundation

/// How often the codes of every sub-codebook, and every combination of them, occur in a set of images.
public struct CodeStatistics: Sendable {
  private var counts: [[Int]]
  private var combinations: [[Int32]: Int] = [:]
  /// Positions counted.
  public private(set) var positions = 0

  /// Nothing counted yet; `sizes` are the sizes of the sub-codebooks.
  public init(sizes: [Int]) { counts = sizes.map { Array(repeating: 0, count: $0) } }

  /// Counts codes by sub-codebook, equally many of each.
  public mutating func add(_ codes: [[Int32]]) {
    for (book, indices) in codes.enumerated() {
      for index in indices { counts[book][Int(index)] += 1 }
    }
    for position in codes[0].indices { combinations[codes.map { $0[position] }, default: 0] += 1 }
    positions += codes[0].count
  }

  /// Share of the entries of a sub-codebook that occur, in [0, 1].
  public func usage(_ book: Int) -> Double {
    Double(counts[book].count { $0 > 0 }) / Double(counts[book].count)
  }

  /// Perplexity of a sub-codebook.
  public func perplexity(_ book: Int) -> Double { Perplexity.of(counts[book]) }

  /// Number of combinations that occur.
  public var combinationCount: Int { combinations.count }

  /// Perplexity of the combinations. They are added up in one order, so that equal codes give equal bits.
  public var jointPerplexity: Double { Perplexity.of(combinations.values.sorted()) }

  /// Bits that the sub-codebooks say twice: the sum of their entropies less the entropy of the combinations.
  public var sharedBits: Double {
    let single = counts.indices.reduce(0) { $0 + log2(max(1, perplexity($1))) }
    return single - log2(max(1, jointPerplexity))
  }
}
