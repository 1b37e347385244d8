// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// The entropy loss of a sub-codebook (method section 1): mean_n H(p_n) - H(mean_n p_n) with
/// p_n = softmax_j(-|z_n - e_j|^2 / temperature). Results: the loss, mean_n p_n [K], the log-sum-exp of each row [N].
/// Streamed over entries: no [N, K] buffer forward or backward.
public struct EntropyLoss: FacetOp {
  /// Temperature of the softmax.
  public var temperature: Float

  /// The op with the given temperature.
  public init(temperature: Float) { self.temperature = temperature }

  public static let mnemonics = ["entropy_loss"]
  public static let summary =
    "Mean entropy of the assignments minus the entropy of their mean; also that mean and each row's log-sum-exp."
  public static let example = """
    program @example(%z: f32[6,4], %e: f32[5,4]) -> (loss: f32[]) {
      %0, %1, %2 = entropy_loss(%z, %e) {temperature = 0.01} : f32[], f32[5], f32[6]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    temperature = try attributes.real("temperature")
  }
  public var mnemonic: String { "entropy_loss" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("temperature", temperature) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    _ = try NearestCode().resultTypes(operands)
    try ShapeRule.require(temperature > 0, "temperature must be positive")
    return [.f32(), .f32(operands[1].shape[0]), .f32(operands[0].shape[0])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let gradients = context.builder.emit(
      EntropyLossGradient(temperature: temperature),
      context.operands + [context.results[1], context.results[2], try context.incoming()])
    for index in 0..<2 where context.wants(index) { context.set(index, gradients[index]) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    operands[0].shape[0] * operands[1].shape[0] * (4 * operands[0].shape[1] + 30)
  }
  public var opCase: OpCase { .entropyLoss(self) }
}

/// The gradient of `EntropyLoss` from (z, e, mean probabilities, log-sum-exp, gradient of the loss): dz, de.
public struct EntropyLossGradient: FacetOp {
  /// Temperature of the softmax.
  public var temperature: Float

  /// The op with the given temperature.
  public init(temperature: Float) { self.temperature = temperature }

  public static let mnemonics = ["entropy_loss_gradient"]
  public static let summary = "Gradients of entropy_loss with respect to z and e, probabilities recomputed."
  public static let example = """
    program @example(%z: f32[6,4], %e: f32[5,4], %p: f32[5], %l: f32[6], %g: f32[]) -> (dz: f32[6,4]) {
      %0, %1 = entropy_loss_gradient(%z, %e, %p, %l, %g) {temperature = 0.01} : f32[6,4], f32[5,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    temperature = try attributes.real("temperature")
  }
  public var mnemonic: String { "entropy_loss_gradient" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("temperature", temperature) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 5)
    try ShapeRule.allF32(operands)
    _ = try NearestCode().resultTypes(Array(operands[0..<2]))
    try ShapeRule.shape(operands, 2, [operands[1].shape[0]])
    try ShapeRule.shape(operands, 3, [operands[0].shape[0]])
    try ShapeRule.shape(operands, 4, [])
    return [operands[0], operands[1]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    operands[0].shape[0] * operands[1].shape[0] * (8 * operands[0].shape[1] + 40)
  }
  public var opCase: OpCase { .entropyLossGradient(self) }
}
