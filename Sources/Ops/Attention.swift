// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// The sizes of an attention, whose q [B, T, H, D], k and v [B, S, H, D] are three operands or joint ones,
/// [B, T, 3, H, D], as one product makes them.
public struct AttentionSizes: Hashable, Sendable {
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
  /// Whether q, k and v are one operand.
  public var isJoint: Bool

  /// The sizes of operands that fit together.
  public init(_ operands: [TensorType]) {
    let (q, k) = (operands[0].shape, operands[operands[0].rank == 5 ? 0 : 1].shape)
    isJoint = q.count == 5
    (batch, queries, keys, heads, depth) = (q[0], q[1], k[1], q[q.count - 2], q[q.count - 1])
  }

  /// Operands before those that only the gradient has.
  public var operandCount: Int { isJoint ? 1 : 3 }
  /// The type of o.
  var output: TensorType { .f32(batch, queries, heads, depth) }
  /// The type of the log-sum-exp.
  var rows: TensorType { .f32(batch, heads, queries) }

  /// The sizes of operands: q, k and v, then `extra` more.
  static func checked(_ operands: [TensorType], extra: Int, causal: Bool) throws(OpError) -> AttentionSizes {
    let isJoint = operands.first?.rank == 5
    try ShapeRule.operands(operands, (isJoint ? 1 : 3) + extra)
    try ShapeRule.allF32(operands)
    if isJoint {
      let s = operands[0].shape
      try ShapeRule.require(s[2] == 3, "joint queries, keys and values are [B, T, 3, H, D], not \(operands[0])")
      return AttentionSizes(operands)
    }
    for index in 0..<3 { try ShapeRule.rank(operands, index, 4) }
    let (q, k) = (operands[0].shape, operands[1].shape)
    try ShapeRule.require(
      q[0] == k[0] && q[2] == k[2] && q[3] == k[3], "batch, heads or width of \(operands[0]) and \(operands[1]) differ")
    try ShapeRule.shape(operands, 2, k)
    try ShapeRule.require(!causal || k[1] >= q[1], "causal attention needs at least as many keys as queries")
    return AttentionSizes(operands)
  }

  /// Operations where each element of q meets each key in `perElement`.
  func flops(_ perElement: Int, causal: Bool) -> Int {
    let dense = perElement * output.count * keys
    return causal && queries == keys ? dense / 2 : dense
  }
}

/// Scaled dot-product attention of heads side by side: q [B, T, H, D], k and v [B, S, H, D], or all three in one operand
/// [B, T, 3, H, D]. Results: o [B, T, H, D] and the log-sum-exp of every row of logits
/// [B, H, T], from which the gradient recomputes the probabilities; the T x S matrix is never stored.
public struct Attention: HasPrecision {
  /// Factor of the logits, usually D^-1/2.
  public var scale: Float
  /// Whether query t sees only keys up to t + S - T.
  public var causal: Bool
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32
  /// Its sums are short, so that there is no strict way.
  public var precisions: [OperandPrecision] { [.f32, .bf16] }

  /// The op with the given attributes.
  public init(scale: Float, causal: Bool) {
    self.scale = scale
    self.causal = causal
  }

  public static let mnemonics = ["attention"]
  public static let summary =
    "softmax(scale q k^T) v by head of q, k, v or of all in one; also the log-sum-exp of each row."
  public static let example = """
    program @example(%q: f32[1,3,2,4], %k: f32[1,3,2,4], %v: f32[1,3,2,4]) -> (o: f32[1,3,2,4]) {
      %0, %1 = attention(%q, %k, %v) {scale = 0.5, causal = true} : f32[1,3,2,4], f32[1,2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    scale = try attributes.real("scale")
    causal = try attributes.bool("causal")
    precision = try OperandPrecision(&attributes, among: precisions)
  }
  public var mnemonic: String { "attention" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("scale", scale)
    attributes.put("causal", causal)
    precision.write(to: &attributes)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    let sizes = try AttentionSizes.checked(operands, extra: 0, causal: causal)
    return [sizes.output, sizes.rows]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let gradients = context.builder.emit(
      AttentionGradient(scale: scale, causal: causal), context.operands + context.results + [try context.incoming()])
    for index in gradients.indices where context.wants(index) { context.set(index, gradients[index]) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    AttentionSizes(operands).flops(4, causal: causal)
  }
  public var opCase: OpCase { .attention(self) }
}

/// The gradient of `Attention` from (q, k, v, o, lse, do): dq, dk, dv; of joint q, k and v a joint one.
public struct AttentionGradient: HasPrecision {
  /// Factor of the logits.
  public var scale: Float
  /// Whether the attention is causal.
  public var causal: Bool
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32
  /// Its sums are short, so that there is no strict way.
  public var precisions: [OperandPrecision] { [.f32, .bf16] }

  /// The op with the given attributes.
  public init(scale: Float, causal: Bool) {
    self.scale = scale
    self.causal = causal
  }

  public static let mnemonics = ["attention_gradient"]
  public static let summary =
    "Gradients of attention with respect to q, k, v; the probabilities are recomputed block by block."
  public static let example = """
    program @example(%q: f32[1,3,2,4], %k: f32[1,3,2,4], %v: f32[1,3,2,4], %o: f32[1,3,2,4], %l: f32[1,2,3], %do: f32[1,3,2,4]) -> (dq: f32[1,3,2,4]) {
      %0, %1, %2 = attention_gradient(%q, %k, %v, %o, %l, %do) {scale = 0.5, causal = true} : f32[1,3,2,4], f32[1,3,2,4], f32[1,3,2,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    scale = try attributes.real("scale")
    causal = try attributes.bool("causal")
    precision = try OperandPrecision(&attributes, among: precisions)
  }
  public var mnemonic: String { "attention_gradient" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("scale", scale)
    attributes.put("causal", causal)
    precision.write(to: &attributes)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    let sizes = try AttentionSizes.checked(operands, extra: 3, causal: causal)
    let own = sizes.operandCount
    try ShapeRule.shape(operands, own, sizes.output.shape)
    try ShapeRule.shape(operands, own + 1, sizes.rows.shape)
    try ShapeRule.shape(operands, own + 2, sizes.output.shape)
    return Array(operands.prefix(own))
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    AttentionSizes(operands).flops(10, causal: causal)
  }
  public var opCase: OpCase { .attentionGradient(self) }
}
