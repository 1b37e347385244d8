// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Scaled dot-product attention of heads side by side: q [B, T, H, D], k and v [B, S, H, D].
/// Results: o [B, T, H, D] and the log-sum-exp of every row of logits [B, H, T], from which the gradient recomputes
/// the probabilities; the T x S matrix is never stored.
public struct Attention: FacetOp {
  /// Factor of the logits, usually D^-1/2.
  public var scale: Float
  /// Whether query t sees only keys up to t + S - T.
  public var causal: Bool
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32

  /// The op with the given attributes.
  public init(scale: Float, causal: Bool) {
    self.scale = scale
    self.causal = causal
  }

  public static let mnemonics = ["attention"]
  public static let summary = "softmax(scale q k^T) v by head, optionally causal; also the log-sum-exp of each row."
  public static let example = """
    program @example(%q: f32[1,3,2,4], %k: f32[1,3,2,4], %v: f32[1,3,2,4]) -> (o: f32[1,3,2,4]) {
      %0, %1 = attention(%q, %k, %v) {scale = 0.5, causal = true} : f32[1,3,2,4], f32[1,2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    scale = try attributes.real("scale")
    causal = try attributes.bool("causal")
    precision = try OperandPrecision(&attributes)
  }
  public var mnemonic: String { "attention" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("scale", scale)
    attributes.put("causal", causal)
    precision.write(to: &attributes)
  }
  static func check(_ operands: [TensorType], causal: Bool) throws(OpError) {
    for index in 0..<3 { try ShapeRule.rank(operands, index, 4) }
    let (q, k) = (operands[0].shape, operands[1].shape)
    try ShapeRule.require(
      q[0] == k[0] && q[2] == k[2] && q[3] == k[3], "batch, heads or width of \(operands[0]) and \(operands[1]) differ")
    try ShapeRule.shape(operands, 2, k)
    try ShapeRule.require(!causal || k[1] >= q[1], "causal attention needs at least as many keys as queries")
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 3)
    try ShapeRule.allF32(operands)
    try Self.check(operands, causal: causal)
    let q = operands[0].shape
    return [operands[0], .f32(q[0], q[2], q[1])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    try precision.requireFull(mnemonic)
    let gradients = context.builder.emit(
      AttentionGradient(scale: scale, causal: causal), context.operands + context.results + [try context.incoming()])
    for index in 0..<3 where context.wants(index) { context.set(index, gradients[index]) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    let dense = 4 * operands[0].count * operands[1].shape[1]
    return causal && operands[0].shape[1] == operands[1].shape[1] ? dense / 2 : dense
  }
  public var opCase: OpCase { .attention(self) }
}

/// The gradient of `Attention` from (q, k, v, o, lse, do): dq, dk, dv.
public struct AttentionGradient: FacetOp {
  /// Factor of the logits.
  public var scale: Float
  /// Whether the attention is causal.
  public var causal: Bool
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32

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
    precision = try OperandPrecision(&attributes)
  }
  public var mnemonic: String { "attention_gradient" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("scale", scale)
    attributes.put("causal", causal)
    precision.write(to: &attributes)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 6)
    try ShapeRule.allF32(operands)
    try Attention.check(operands, causal: causal)
    let q = operands[0].shape
    try ShapeRule.shape(operands, 3, q)
    try ShapeRule.shape(operands, 4, [q[0], q[2], q[1]])
    try ShapeRule.shape(operands, 5, q)
    return [operands[0], operands[1], operands[2]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    let dense = 10 * operands[0].count * operands[1].shape[1]
    return causal && operands[0].shape[1] == operands[1].shape[1] ? dense / 2 : dense
  }
  public var opCase: OpCase { .attentionGradient(self) }
}
