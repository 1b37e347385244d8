// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Softmax over the last dimension.
public struct Softmax: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["softmax"]
  public static let summary = "Softmax over the last dimension."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[2,3]) {
      %0 = softmax(%x) : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "softmax" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 1)
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    context.set(0, context.builder.emitOne(SoftmaxGradient(), context.results[0], try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 14 * results[0].count }
  public var opCase: OpCase { .softmax(self) }
}

/// The gradient of `Softmax` from (y, dy): y * (dy - sum(y * dy)).
public struct SoftmaxGradient: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["softmax_gradient"]
  public static let summary = "Gradient of softmax from (y, dy)."
  public static let example = """
    program @example(%y: f32[2,3], %dy: f32[2,3]) -> (dx: f32[2,3]) {
      %0 = softmax_gradient(%y, %dy) : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "softmax_gradient" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.shape(operands, 1, operands[0].shape)
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 4 * results[0].count }
  public var opCase: OpCase { .softmaxGradient(self) }
}
