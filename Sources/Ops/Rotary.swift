// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Rotary position embedding of x [B, T, H, D]: adjacent pairs of each head turn by the angle of their position, whose
/// (cos, sin) stand in the table [P, D/2, 2]. Row 0 of the method's table is zero (the class position), so pairs there
/// become zero. With a third operand, rows start at that position instead of 0. Of joint queries, keys and values
/// [B, T, 3, H, D] the values stay as they are.
public struct Rotary: FacetOp {
  /// Whether pairs turn backwards: the transposed map, which is the gradient.
  public var inverse: Bool

  /// The op turning forwards or backwards.
  public init(inverse: Bool = false) { self.inverse = inverse }

  public static let mnemonics = ["rotary"]
  public static let summary =
    "Rotary position embedding from a table of (cos, sin); rows start at an optional position."
  public static let example = """
    program @example(%x: f32[1,3,2,4], %table: f32[5,2,2]) -> (y: f32[1,3,2,4]) {
      %0 = rotary(%x, %table) {inverse = false} : f32[1,3,2,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    inverse = try attributes.bool("inverse")
  }
  public var mnemonic: String { "rotary" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("inverse", inverse) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2...3)
    try ShapeRule.dtype(operands, .f32, .f32, .i32)
    let (x, table) = (operands[0].shape, operands[1].shape)
    try ShapeRule.require(
      x.count == 4 || x.count == 5 && x[2] == 3,
      "operand 0 must be [B, T, H, D] or [B, T, 3, H, D], it is \(operands[0])")
    try ShapeRule.rank(operands, 1, 3)
    let depth = operands[0].lastExtent
    try ShapeRule.require(
      depth % 2 == 0 && table[1] == depth / 2 && table[2] == 2, "the table must be [positions, \(depth / 2), 2]")
    try ShapeRule.require(table[0] >= x[1], "the table has \(table[0]) positions, \(x[1]) are needed")
    if operands.count == 3 { try ShapeRule.shape(operands, 2, []) }
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    try ShapeRule.require(!context.wants(1), "the table of rotary has no gradient rule")
    let dy = try context.incoming()
    context.set(0, context.builder.emit(Rotary(inverse: !inverse), [dy] + context.operands.dropFirst())[0])
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (results[0].rank == 5 ? 2 : 3) * results[0].count
  }
  public var inPlaceOperands: [Int] { [0] }
  public var opCase: OpCase { .rotary(self) }
}
