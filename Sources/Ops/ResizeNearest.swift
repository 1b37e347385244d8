// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Images [B, H, W, C] at another size: pixel (i, j) is the pixel (floor(i H / H'), floor(j W / W')) of the operand
/// (nearest neighbour, as frozen teachers see images). Teachers look at given images, so there is no gradient.
public struct ResizeNearest: FacetOp {
  /// Rows of the result.
  public var height: Int
  /// Columns of the result.
  public var width: Int

  /// The op of a size.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  public static let mnemonics = ["resize_nearest"]
  public static let summary = "Images at another size, nearest neighbour."
  public static let example = """
    program @example(%x: f32[1,4,2,3]) -> (y: f32[1,3,5,3]) {
      %0 = resize_nearest(%x) {height = 3, width = 5} : f32[1,3,5,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    height = try attributes.int("height")
    width = try attributes.int("width")
  }
  public var mnemonic: String { "resize_nearest" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("height", height)
    attributes.put("width", width)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    try ShapeRule.rank(operands, 0, 4)
    try ShapeRule.require(height > 0 && width > 0, "the size must be positive")
    return [.f32(operands[0].shape[0], height, width, operands[0].shape[3])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .resizeNearest(self) }
}
