/// What attention with bf16 products keeps for one head and one block of queries. Sizes are in bytes, each a multiple of 64.
public struct PairedAttentionScratch: Sendable {
  private let keys: Int
  private let depth: Int

  /// The scratch of one attention.
  public init(_ attention: AttentionArguments) {
    keys = attention.keys
    depth = attention.depth
  }

  private static let block = AttentionArguments.block

  /// Elements of a row of logits, and words between pairs of rows of them.
  public var logitRow: Int { Partition.roundUp(keys, panelWidth) }
  /// Words between pairs of keys, values or queries.
  public var depthRow: Int { Partition.roundUp(depth, panelWidth) }
  /// bf16 elements between rows of queries.
  public var queryRow: Int { Partition.roundUp(depth, 32) }

  /// A block of logits, f32.
  public var logits: Int { Self.block * logitRow * 4 }
  /// The same rounded, by rows or by pairs of rows.
  public var rounded: Int { Self.block * logitRow * 2 }
  /// Panels of the transposed keys or values.
  public var transposed: Int { Partition.roundUp(PackArguments.pairs(depth) * logitRow * 4, 64) }
  /// Pairs of keys or values.
  public var paired: Int { PackArguments.pairs(keys) * depthRow * 4 }
  /// A block of queries or of output gradients by rows, or by pairs of rows.
  public var queries: Int { Self.block * queryRow * 2 }

  /// All that the forward pass needs.
  public var byteCount: Int { max(logits + rounded + transposed + paired + queries, 64 * 4) }
  /// All that the gradient needs.
  public var gradientByteCount: Int {
    max(2 * (logits + rounded + transposed) + rounded + paired + 4 * queries, 512 * 4)
  }
}
