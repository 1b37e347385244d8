// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Each pixel repeated in a 2 x 2 block (nearest-neighbour upsampling of the decoder).
public struct Upsample: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["upsample"]
  public static let summary = "Nearest-neighbour upsampling of [B, H, W, C] by two."
  public static let example = """
    program @example(%x: f32[1,2,2,3]) -> (y: f32[1,4,4,3]) {
      %0 = upsample(%x) : f32[1,4,4,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "upsample" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    try ShapeRule.rank(operands, 0, 4)
    let x = operands[0].shape
    return [.f32(x[0], 2 * x[1], 2 * x[2], x[3])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    context.set(0, context.builder.emitOne(UpsampleGradient(), try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .upsample(self) }
}

/// The sum over 2 x 2 blocks: the adjoint of `Upsample`.
public struct UpsampleGradient: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["upsample_gradient"]
  public static let summary = "Sum over 2 x 2 blocks of [B, 2H, 2W, C], the adjoint of upsample."
  public static let example = """
    program @example(%dy: f32[1,4,4,3]) -> (dx: f32[1,2,2,3]) {
      %0 = upsample_gradient(%dy) : f32[1,2,2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "upsample_gradient" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    try ShapeRule.rank(operands, 0, 4)
    let dy = operands[0].shape
    try ShapeRule.require(dy[1] % 2 == 0 && dy[2] % 2 == 0, "height and width must be even")
    return [.f32(dy[0], dy[1] / 2, dy[2] / 2, dy[3])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    context.set(0, context.builder.emitOne(Upsample(), try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { operands[0].count }
  public var opCase: OpCase { .upsampleGradient(self) }
}
