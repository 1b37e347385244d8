// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// How a scheduled value gets from its first to its second level.
public enum ScheduleShape: String, CaseIterable, Sendable {
  /// At once, at step `start`.
  case step
  /// Along a line over `span` steps from `start`.
  case linear
  /// Along half a cosine over `span` steps from `start`.
  case cosine
  /// Back and forth: the second level at steps start, start + span, start + 2 span, ..., the first at all others.
  case every
}

/// A number that depends on the steps done: `from` before `start`, then `to`, reached as `shape` says. Weights of losses
/// and the times of periodic work are made of it.
public struct Schedule: FacetOp {
  /// The way from one level to the other.
  public var shape: ScheduleShape
  /// The level before `start`.
  public var from: Float
  /// The level afterwards.
  public var to: Float
  /// First step of the change.
  public var start: Int
  /// Steps of the change, or of the period; 0 changes at once.
  public var span: Int

  /// The op with the given attributes.
  public init(_ shape: ScheduleShape, from: Float, to: Float, start: Int, span: Int = 0) {
    self.shape = shape
    self.from = from
    self.to = to
    self.start = start
    self.span = span
  }

  public static let mnemonics = ["schedule"]
  public static let summary = "A number that depends on the steps done: a step, a line, half a cosine, or a pulse."
  public static let example = """
    state @step : i32[] = zeros
    program @example() -> (weight: f32[]) {
      %0 = schedule(@step) {shape = linear, from = 0.0, to = 0.5, start = 100, span = 50} : f32[]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    shape = try attributes.word("shape")
    from = try attributes.real("from")
    to = try attributes.real("to")
    start = try attributes.int("start")
    span = try attributes.int("span")
  }
  public var mnemonic: String { "schedule" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("shape", shape)
    attributes.put("from", from)
    attributes.put("to", to)
    attributes.put("start", start)
    attributes.put("span", span)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.require(operands[0] == .i32(), "the step must be i32[]")
    try ShapeRule.require(span >= 0, "span must not be negative")
    try ShapeRule.require(shape != .every || span > 0, "the period must be positive")
    return [.f32()]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 20 }
  public var opCase: OpCase { .schedule(self) }
}
