// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Rows scaled to unit l2 norm: x / max(|x|, epsilon) over the last dimension.
public struct L2Normalize: FacetOp {
  /// Smallest norm divided by.
  public var epsilon: Float

  /// The op with the given epsilon.
  public init(epsilon: Float = 1e-12) { self.epsilon = epsilon }

  public static let mnemonics = ["l2_normalize"]
  public static let summary = "Rows scaled to unit l2 norm."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[2,3]) {
      %0 = l2_normalize(%x) {epsilon = 1e-12} : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    epsilon = try attributes.real("epsilon")
  }
  public var mnemonic: String { "l2_normalize" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("epsilon", epsilon) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 1)
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    context.set(
      0, context.builder.emitOne(L2NormalizeGradient(epsilon: epsilon), context.operands[0], try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 3 * results[0].count }
  public var opCase: OpCase { .l2Normalize(self) }
}

/// The gradient of `L2Normalize` from (x, dy).
public struct L2NormalizeGradient: FacetOp {
  /// Smallest norm divided by.
  public var epsilon: Float

  /// The op with the given epsilon.
  public init(epsilon: Float) { self.epsilon = epsilon }

  public static let mnemonics = ["l2_normalize_gradient"]
  public static let summary = "Gradient of l2_normalize from (x, dy)."
  public static let example = """
    program @example(%x: f32[2,3], %dy: f32[2,3]) -> (dx: f32[2,3]) {
      %0 = l2_normalize_gradient(%x, %dy) {epsilon = 1e-12} : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    epsilon = try attributes.real("epsilon")
  }
  public var mnemonic: String { "l2_normalize_gradient" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("epsilon", epsilon) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 1)
    try ShapeRule.shape(operands, 1, operands[0].shape)
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 7 * results[0].count }
  public var opCase: OpCase { .l2NormalizeGradient(self) }
}

/// For each row of z [N, d] the index of the nearest row of e [K, d], ties to the lowest (method section 1).
public struct NearestCode: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["nearest_code"]
  public static let summary = "argmin_j |z_n - e_j|^2, ties to the lowest index."
  public static let example = """
    program @example(%z: f32[6,4], %e: f32[5,4]) -> (i: i32[6]) {
      %0 = nearest_code(%z, %e) : i32[6]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "nearest_code" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.rank(operands, 0, 2)
    try ShapeRule.rank(operands, 1, 2)
    try ShapeRule.require(
      operands[0].shape[1] == operands[1].shape[1], "rows of \(operands[0]) and \(operands[1]) differ in width")
    return [.i32(operands[0].shape[0])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    2 * operands[0].count * operands[1].shape[0]
  }
  public var opCase: OpCase { .nearestCode(self) }
}
