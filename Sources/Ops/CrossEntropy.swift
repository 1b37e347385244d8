// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Mean cross-entropy of logits [N, K] against targets [N]. Results: the loss, the log-sum-exp of each row [N].
public struct CrossEntropy: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["cross_entropy"]
  public static let summary = "Mean of lse(logits_n) - logits_n[target_n]; also each row's log-sum-exp."
  public static let example = """
    program @example(%x: f32[6,4], %t: i32[6]) -> (loss: f32[]) {
      %0, %1 = cross_entropy(%x, %t) : f32[], f32[6]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "cross_entropy" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.dtype(operands, .f32, .i32)
    try ShapeRule.rank(operands, 0, 2)
    try ShapeRule.shape(operands, 1, [operands[0].shape[0]])
    return [.f32(), .f32(operands[0].shape[0])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let gradient = context.builder.emitOne(
      CrossEntropyGradient(), context.operands[0], context.operands[1], context.results[1], try context.incoming())
    context.set(0, gradient)
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 13 * operands[0].count }
  public var opCase: OpCase { .crossEntropy(self) }
}

/// The gradient of `CrossEntropy` from (logits, targets, log-sum-exp, gradient of the loss).
public struct CrossEntropyGradient: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["cross_entropy_gradient"]
  public static let summary = "Gradient of cross_entropy with respect to the logits."
  public static let example = """
    program @example(%x: f32[6,4], %t: i32[6], %l: f32[6], %g: f32[]) -> (dx: f32[6,4]) {
      %0 = cross_entropy_gradient(%x, %t, %l, %g) : f32[6,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "cross_entropy_gradient" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 4)
    try ShapeRule.dtype(operands, .f32, .i32, .f32, .f32)
    try ShapeRule.rank(operands, 0, 2)
    try ShapeRule.shape(operands, 1, [operands[0].shape[0]])
    try ShapeRule.shape(operands, 2, [operands[0].shape[0]])
    try ShapeRule.shape(operands, 3, [])
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 13 * operands[0].count }
  public var opCase: OpCase { .crossEntropyGradient(self) }
}
