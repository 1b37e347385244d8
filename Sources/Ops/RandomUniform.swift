// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Numbers in [0, 1), each drawn from the key, the stream and its own place `first` + position alone, so that parts of a
/// batch draw what the whole would.
public struct RandomUniform: FacetOp {
  /// Number of numbers.
  public var count: Int
  /// Place of the first.
  public var first: Int
  /// Distinguishes this draw from all others of the program.
  public var stream: Int

  /// The op with the given attributes.
  public init(count: Int, first: Int = 0, stream: Int) {
    self.count = count
    self.first = first
    self.stream = stream
  }

  public static let mnemonics = ["random_uniform"]
  public static let summary = "Numbers drawn from [0, 1); counter-based."
  public static let example = """
    program @example(%key: i32[2]) -> (u: f32[7]) {
      %0 = random_uniform(%key) {count = 7, first = 2, stream = 3} : f32[7]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    count = try attributes.int("count")
    first = try attributes.int("first")
    stream = try attributes.int("stream")
  }
  public var mnemonic: String { "random_uniform" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("count", count)
    attributes.put("first", first)
    attributes.put("stream", stream)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.key(operands, 0)
    try ShapeRule.require(count > 0 && first >= 0, "count must be positive, first at least 0")
    return [.f32(count)]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 25 * count }
  public var opCase: OpCase { .randomUniform(self) }
}
