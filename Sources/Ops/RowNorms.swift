// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Layer normalisation over the last dimension with scale and shift. Results: y, mean and reciprocal deviation of each row.
public struct LayerNorm: FacetOp {
  /// Added to the variance.
  public var epsilon: Float

  /// The op with the given epsilon.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  public static let mnemonics = ["layer_norm"]
  public static let summary = "Layer normalisation over the last dimension; also mean and 1/deviation of each row."
  public static let example = """
    program @example(%x: f32[2,4], %g: f32[4], %b: f32[4]) -> (y: f32[2,4]) {
      %0, %1, %2 = layer_norm(%x, %g, %b) {epsilon = 1e-05} : f32[2,4], f32[2], f32[2]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    epsilon = try attributes.real("epsilon")
  }
  public var mnemonic: String { "layer_norm" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("epsilon", epsilon) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 3)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 1)
    for index in 1..<3 { try ShapeRule.shape(operands, index, [operands[0].lastExtent]) }
    let statistics = TensorType(.f32, operands[0].shape.dropLast())
    return [operands[0], statistics, statistics]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let gradients = context.builder.emit(
      LayerNormGradient(),
      [context.operands[0], context.operands[1], context.results[1], context.results[2], try context.incoming()])
    for index in 0..<3 where context.wants(index) { context.set(index, gradients[index]) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 8 * results[0].count }
  public var opCase: OpCase { .layerNorm(self) }
}

/// The gradient of `LayerNorm` from (x, gamma, mean, rstd, dy): dx, dgamma, dbeta. A sixth operand, where there is one,
/// is added to dx: the gradient that reaches x on another way.
public struct LayerNormGradient: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["layer_norm_gradient"]
  public static let summary =
    "Gradients of layer_norm with respect to x, gamma, beta, from (x, gamma, mean, rstd, dy, [sum])."
  public static let example = """
    program @example(%x: f32[2,4], %g: f32[4], %m: f32[2], %r: f32[2], %dy: f32[2,4]) -> (dx: f32[2,4]) {
      %0, %1, %2 = layer_norm_gradient(%x, %g, %m, %r, %dy) : f32[2,4], f32[4], f32[4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "layer_norm_gradient" }
  public func write(to attributes: inout AttributeWriter) {}
  public var inPlaceOperands: [Int] { [4, 5, 0] }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 5...6)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 1)
    try ShapeRule.shape(operands, 1, [operands[0].lastExtent])
    for index in 2..<4 { try ShapeRule.shape(operands, index, operands[0].shape.dropLast()) }
    for index in 4..<operands.count { try ShapeRule.shape(operands, index, operands[0].shape) }
    return [operands[0], operands[1], operands[1]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (14 + operands.count - 5) * results[0].count
  }
  public var opCase: OpCase { .layerNormGradient(self) }
}

/// Root-mean-square normalisation over the last dimension with scale. Results: y, reciprocal rms of each row.
public struct RMSNorm: FacetOp {
  /// Added to the mean square.
  public var epsilon: Float

  /// The op with the given epsilon.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  public static let mnemonics = ["rms_norm"]
  public static let summary = "Root-mean-square normalisation over the last dimension; also 1/rms of each row."
  public static let example = """
    program @example(%x: f32[2,4], %g: f32[4]) -> (y: f32[2,4]) {
      %0, %1 = rms_norm(%x, %g) {epsilon = 1e-05} : f32[2,4], f32[2]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    epsilon = try attributes.real("epsilon")
  }
  public var mnemonic: String { "rms_norm" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("epsilon", epsilon) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 1)
    for index in 1..<2 { try ShapeRule.shape(operands, index, [operands[0].lastExtent]) }
    let statistics = TensorType(.f32, operands[0].shape.dropLast())
    return [operands[0], statistics]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let gradients = context.builder.emit(
      RMSNormGradient(),
      [context.operands[0], context.operands[1], context.results[1], try context.incoming()])
    for index in 0..<2 where context.wants(index) { context.set(index, gradients[index]) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 4 * results[0].count }
  public var opCase: OpCase { .rmsNorm(self) }
}

/// The gradient of `RMSNorm` from (x, gamma, rstd, dy): dx, dgamma. A fifth operand, where there is one, is added to dx.
public struct RMSNormGradient: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["rms_norm_gradient"]
  public static let summary = "Gradients of rms_norm with respect to x, gamma, from (x, gamma, rstd, dy, [sum])."
  public static let example = """
    program @example(%x: f32[2,4], %g: f32[4], %r: f32[2], %dy: f32[2,4]) -> (dx: f32[2,4]) {
      %0, %1 = rms_norm_gradient(%x, %g, %r, %dy) : f32[2,4], f32[4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "rms_norm_gradient" }
  public func write(to attributes: inout AttributeWriter) {}
  public var inPlaceOperands: [Int] { [3, 4, 0] }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 4...5)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 1)
    try ShapeRule.shape(operands, 1, [operands[0].lastExtent])
    for index in 2..<3 { try ShapeRule.shape(operands, index, operands[0].shape.dropLast()) }
    for index in 3..<operands.count { try ShapeRule.shape(operands, index, operands[0].shape) }
    return [operands[0], operands[1]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (10 + operands.count - 4) * results[0].count
  }
  public var opCase: OpCase { .rmsNormGradient(self) }
}
