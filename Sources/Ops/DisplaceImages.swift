// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Images [B, H, W, C], each moved by up to `shift` pixels along either axis (zeros come in), then with a square of
/// `hole` pixels set to zero somewhere, cut off at the edges: translation and cutout of DiffAugment (Zhao et al. 2020).
/// The places are a function of the key, the stream and `first` + the image's position alone. The op is linear; its
/// adjoint, `inverse`, closes the same hole and moves back, and is its gradient.
public struct DisplaceImages: FacetOp {
  /// Pixels of the longest move along an axis, at least 0.
  public var shift: Int
  /// Side of the square in pixels; 0 cuts nothing.
  public var hole: Int
  /// Place of the first image in the draw.
  public var first: Int
  /// Distinguishes this draw from all others of the program.
  public var stream: Int
  /// Whether this is the adjoint.
  public var inverse: Bool

  /// The op with the given attributes.
  public init(shift: Int, hole: Int, first: Int = 0, stream: Int, inverse: Bool = false) {
    self.shift = shift
    self.hole = hole
    self.first = first
    self.stream = stream
    self.inverse = inverse
  }

  public static let mnemonics = ["displace_images"]
  public static let summary = "Images moved at random, with a square cut out; counter-based."
  public static let example = """
    program @example(%x: f32[3,5,4,2], %key: i32[2]) -> (y: f32[3,5,4,2]) {
      %0 = displace_images(%x, %key) {shift = 1, hole = 2, first = 4, stream = 3, inverse = false} : f32[3,5,4,2]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    shift = try attributes.int("shift")
    hole = try attributes.int("hole")
    first = try attributes.int("first")
    stream = try attributes.int("stream")
    inverse = try attributes.bool("inverse")
  }
  public var mnemonic: String { "displace_images" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("shift", shift)
    attributes.put("hole", hole)
    attributes.put("first", first)
    attributes.put("stream", stream)
    attributes.put("inverse", inverse)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.dtype(operands, .f32, .i32)
    try ShapeRule.rank(operands, 0, 4)
    try ShapeRule.key(operands, 1)
    let side = min(operands[0].shape[1], operands[0].shape[2])
    try ShapeRule.require(shift >= 0 && shift < side, "shift must be at least 0 and below \(side) pixels")
    try ShapeRule.require(hole >= 0 && hole <= side, "hole must be at least 0 and at most \(side) pixels")
    try ShapeRule.require(first >= 0, "first must be at least 0")
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    var adjoint = self
    adjoint.inverse.toggle()
    context.set(0, context.builder.emitOne(adjoint, try context.incoming(), context.operands[1]))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .displaceImages(self) }
}
