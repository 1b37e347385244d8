// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// The activation computed together with a normalisation.
public enum NormActivation: String, CaseIterable, Sendable {
  /// None.
  case none
  /// x * sigmoid(x).
  case silu
}

/// Group normalisation of [B, ..., C] over groups of channels, with scale, shift and an optional activation.
/// Results: y, mean [B, G], reciprocal standard deviation [B, G].
public struct GroupNorm: FacetOp {
  /// Number of groups.
  public var groups: Int
  /// Added to the variance.
  public var epsilon: Float
  /// Applied to the result.
  public var activation: NormActivation

  /// The op with the given attributes.
  public init(groups: Int, epsilon: Float = 1e-6, activation: NormActivation = .none) {
    self.groups = groups
    self.epsilon = epsilon
    self.activation = activation
  }

  public static let mnemonics = ["group_norm"]
  public static let summary =
    "Group normalisation, channels last, then an optional activation; also mean and 1/deviation."
  public static let example = """
    program @example(%x: f32[2,3,4], %g: f32[4], %b: f32[4]) -> (y: f32[2,3,4]) {
      %0, %1, %2 = group_norm(%x, %g, %b) {groups = 2, epsilon = 1e-06, activation = silu} : f32[2,3,4], f32[2,2], f32[2,2]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    groups = try attributes.int("groups")
    epsilon = try attributes.real("epsilon")
    activation = try attributes.word("activation")
  }
  public var mnemonic: String { "group_norm" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("groups", groups)
    attributes.put("epsilon", epsilon)
    attributes.put("activation", activation)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 3)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 2)
    let channels = operands[0].lastExtent
    try ShapeRule.require(
      groups > 0 && channels % groups == 0, "\(channels) channels do not divide into \(groups) groups")
    try ShapeRule.shape(operands, 1, [channels])
    try ShapeRule.shape(operands, 2, [channels])
    let statistics = TensorType.f32(operands[0].shape[0], groups)
    return [operands[0], statistics, statistics]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let gradients = context.builder.emit(
      GroupNormGradient(groups: groups, activation: activation),
      context.operands + [context.results[1], context.results[2], try context.incoming()])
    for index in 0..<3 where context.wants(index) { context.set(index, gradients[index]) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (activation == .none ? 8 : 20) * results[0].count
  }
  public var opCase: OpCase { .groupNorm(self) }
}

/// The result of `GroupNorm` again, from (x, gamma, beta, mean, rstd): how a training step that does not keep it
/// recomputes it.
public struct GroupNormApply: FacetOp {
  /// Number of groups.
  public var groups: Int
  /// The activation of the forward op.
  public var activation: NormActivation

  /// The op with the given attributes.
  public init(groups: Int, activation: NormActivation) {
    self.groups = groups
    self.activation = activation
  }

  public static let mnemonics = ["group_norm_apply"]
  public static let summary = "The result of group_norm again, from (x, gamma, beta, mean, rstd)."
  public static let example = """
    program @example(%x: f32[2,3,4], %g: f32[4], %b: f32[4], %m: f32[2,2], %r: f32[2,2]) -> (y: f32[2,3,4]) {
      %0 = group_norm_apply(%x, %g, %b, %m, %r) {groups = 2, activation = silu} : f32[2,3,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    groups = try attributes.int("groups")
    activation = try attributes.word("activation")
  }
  public var mnemonic: String { "group_norm_apply" }
  public var inPlaceOperands: [Int] { [0] }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("groups", groups)
    attributes.put("activation", activation)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 5)
    let results = try GroupNorm(groups: groups, activation: activation).resultTypes(Array(operands.prefix(3)))
    for index in 3...4 { try ShapeRule.shape(operands, index, results[1].shape) }
    return [results[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (activation == .none ? 2 : 14) * results[0].count
  }
  public var opCase: OpCase { .groupNormApply(self) }
}

/// The gradient of `GroupNorm` from (x, gamma, beta, mean, rstd, dy): dx, dgamma, dbeta. A seventh operand, where there
/// is one, is added to dx: the gradient that reaches x on another way.
public struct GroupNormGradient: FacetOp {
  /// Number of groups.
  public var groups: Int
  /// The activation of the forward op, recomputed here.
  public var activation: NormActivation

  /// The op with the given attributes.
  public init(groups: Int, activation: NormActivation) {
    self.groups = groups
    self.activation = activation
  }

  public static let mnemonics = ["group_norm_gradient"]
  public static let summary =
    "Gradients of group_norm with respect to x, gamma, beta, from (x, gamma, beta, mean, rstd, dy, [sum])."
  public static let example = """
    program @example(%x: f32[2,3,4], %g: f32[4], %b: f32[4], %m: f32[2,2], %r: f32[2,2], %dy: f32[2,3,4]) -> (dx: f32[2,3,4]) {
      %0, %1, %2 = group_norm_gradient(%x, %g, %b, %m, %r, %dy) {groups = 2, activation = none} : f32[2,3,4], f32[4], f32[4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    groups = try attributes.int("groups")
    activation = try attributes.word("activation")
  }
  public var mnemonic: String { "group_norm_gradient" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("groups", groups)
    attributes.put("activation", activation)
  }
  public var inPlaceOperands: [Int] { [5] }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 6...7)
    try ShapeRule.allF32(operands)
    let results = try GroupNorm(groups: groups).resultTypes(Array(operands.prefix(3)))
    for index in 3...4 { try ShapeRule.shape(operands, index, results[1].shape) }
    for index in 5..<operands.count { try ShapeRule.shape(operands, index, operands[0].shape) }
    return [operands[0], operands[1], operands[2]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    ((activation == .none ? 14 : 30) + operands.count - 6) * results[0].count
  }
  public var opCase: OpCase { .groupNormGradient(self) }
}
