// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Codes [B, T] of which some are replaced by near ones: an image is disturbed with probability `images`, in it each code
/// with the probability that operand 2 holds, by one of the `nearest` entries next to it in e [K, d], all alike likely;
/// of equal distances the lower index is nearer. The draw is a function of the key, the stream and the position alone.
public struct PerturbCodes: FacetOp {
  /// Share of images disturbed, in [0, 1].
  public var images: Float
  /// Number of neighbours drawn from, below K; the code itself is none.
  public var nearest: Int
  /// Distinguishes this draw from all others of the program.
  public var stream: Int

  /// The op with the given attributes.
  public init(images: Float, nearest: Int, stream: Int) {
    self.images = images
    self.nearest = nearest
    self.stream = stream
  }

  public static let mnemonics = ["perturb_codes"]
  public static let summary = "Codes of some images replaced at random by codes of near entries; counter-based."
  public static let example = """
    program @example(%i: i32[3,4], %e: f32[7,2], %share: f32[], %key: i32[2]) -> (j: i32[3,4]) {
      %0 = perturb_codes(%i, %e, %share, %key) {images = 0.75, nearest = 3, stream = 4} : i32[3,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    images = try attributes.real("images")
    nearest = try attributes.int("nearest")
    stream = try attributes.int("stream")
  }
  public var mnemonic: String { "perturb_codes" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("images", images)
    attributes.put("nearest", nearest)
    attributes.put("stream", stream)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 4)
    try ShapeRule.dtype(operands, .i32, .f32, .f32, .i32)
    try ShapeRule.rank(operands, 0, 2)
    try ShapeRule.rank(operands, 1, 2)
    try ShapeRule.shape(operands, 2, [])
    try ShapeRule.key(operands, 3)
    try ShapeRule.require(images >= 0 && images <= 1, "images must be in [0, 1]")
    try ShapeRule.require(
      nearest >= 1 && nearest < operands[1].shape[0],
      "an entry of \(operands[1]) does not have \(nearest) neighbours")
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  /// Of a step that replaces all codes of the disturbed images.
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (25 + Int(images * Float(3 * operands[1].count))) * results[0].count
  }
  public var opCase: OpCase { .perturbCodes(self) }
}
