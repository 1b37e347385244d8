/// Attention of q [B, T, H, D] over k, v [B, S, H, D] with o and the log-sum-exp of each row [B, H, T].
public struct AttentionArguments: KernelArguments, @unchecked Sendable {
  /// Queries.
  public var q: FloatInput
  /// Keys.
  public var k: FloatInput
  /// Values.
  public var v: FloatInput
  /// Result.
  public var o: FloatOutput
  /// Log-sum-exp of the scaled logits.
  public var lse: FloatOutput
  /// Batch B.
  public var batch: Int
  /// Queries T.
  public var queries: Int
  /// Keys S.
  public var keys: Int
  /// Heads H.
  public var heads: Int
  /// Head width D.
  public var depth: Int
  /// Elements from one token to the next in q, k and v, and in their gradients.
  public var inputRow: Int
  /// Factor of the logits.
  public var scale: Float
  /// Whether query t sees keys up to t + S - T.
  public var causal: Bool
  /// How the operands of products are held; attention over a few keys is f32 in any case.
  public var precision: ProductPrecision

  /// Arguments for one attention.
  ///
  /// - Parameter inputRow: H D, the default, or three times as much where q, k and v of a token follow each other.
  public init(
    q: FloatInput, k: FloatInput, v: FloatInput, o: FloatOutput, lse: FloatOutput, batch: Int, queries: Int, keys: Int,
    heads: Int, depth: Int, inputRow: Int? = nil, scale: Float, causal: Bool, precision: ProductPrecision = .f32
  ) {
    self.q = q
    self.k = k
    self.v = v
    self.o = o
    self.lse = lse
    self.batch = batch
    self.queries = queries
    self.keys = keys
    self.heads = heads
    self.depth = depth
    self.inputRow = inputRow ?? heads * depth
    self.scale = scale
    self.causal = causal
    self.precision = precision
  }

  /// Elements from one token to the next in o.
  public var outputRow: Int { heads * depth }
  /// Queries handled together.
  public static let block = 64
  /// Units are blocks of queries of one head of one batch element.
  public var unitCount: Int { batch * heads * Partition.ceil(queries, Self.block) }
  /// Logits of a block, and the transposed keys and copied values of a head.
  public var scratchByteCount: Int {
    let padded = Partition.roundUp(keys, panelWidth)
    if precision == .bf16 { return PairedAttentionScratch(self).byteCount }
    return (Self.block * padded + padded * depth + keys * Partition.roundUp(depth, panelWidth) + 256) * 4
  }
}

/// The gradient of attention: dq, dk, dv from q, k, v, o, lse, do.
public struct AttentionGradientArguments: KernelArguments, @unchecked Sendable {
  /// The forward pass: q, k, v, o, lse and sizes; o and lse are only read.
  public var forward: AttentionArguments
  /// Gradient of o.
  public var dOutput: FloatInput
  /// Gradient of q.
  public var dq: FloatOutput
  /// Gradient of k.
  public var dk: FloatOutput
  /// Gradient of v.
  public var dv: FloatOutput

  /// Arguments for one gradient.
  public init(
    forward: AttentionArguments, dOutput: FloatInput, dq: FloatOutput, dk: FloatOutput, dv: FloatOutput
  ) {
    self.forward = forward
    self.dOutput = dOutput
    self.dq = dq
    self.dk = dk
    self.dv = dv
  }

  /// Units are heads of batch elements.
  public var unitCount: Int { forward.batch * forward.heads }
  /// Probabilities and their gradient for one block of queries, and packed operands of one head.
  public var scratchByteCount: Int {
    let block = AttentionArguments.block
    if forward.precision == .bf16 { return PairedAttentionScratch(forward).gradientByteCount }
    let keys = Partition.roundUp(forward.keys, panelWidth)
    let depth = Partition.roundUp(forward.depth, panelWidth)
    return (2 * block * keys + 2 * keys * forward.depth + forward.keys * depth + 2 * block * depth + 512) * 4
  }
}

/// Attention of one query position over a key/value cache.
public struct CachedAttentionArguments: KernelArguments, @unchecked Sendable {
  /// Query [B, 1, H, D].
  public var q: FloatInput
  /// Keys [B, P, H, D].
  public var keys: FloatInput
  /// Values [B, P, H, D].
  public var values: FloatInput
  /// Position of the query: keys 0...position are seen.
  public var position: IndexInput
  /// Result [B, 1, H, D].
  public var o: FloatOutput
  /// Batch B.
  public var batch: Int
  /// Positions P of the cache.
  public var capacity: Int
  /// Heads H.
  public var heads: Int
  /// Head width D.
  public var depth: Int
  /// Factor of the logits.
  public var scale: Float

  /// Arguments for one attention.
  public init(
    q: FloatInput, keys: FloatInput, values: FloatInput, position: IndexInput, o: FloatOutput, batch: Int,
    capacity: Int, heads: Int, depth: Int, scale: Float
  ) {
    self.q = q
    self.keys = keys
    self.values = values
    self.position = position
    self.o = o
    self.batch = batch
    self.capacity = capacity
    self.heads = heads
    self.depth = depth
    self.scale = scale
  }

  /// Units are heads of batch elements.
  public var unitCount: Int { batch * heads }
  /// Logits of one head.
  public var scratchByteCount: Int { (capacity + 64) * 4 }
}
