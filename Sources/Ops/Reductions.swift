// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// The sum over the dimensions `start..<end`, which disappear.
public struct ReduceSum: FacetOp {
  /// First dimension summed.
  public var start: Int
  /// Dimension after the last summed.
  public var end: Int

  /// The op of a range of dimensions.
  public init(start: Int, end: Int) {
    self.start = start
    self.end = end
  }

  public static let mnemonics = ["reduce_sum"]
  public static let summary = "The sum over a range of dimensions, which disappear."
  public static let example = """
    program @example(%x: f32[2,3,4]) -> (y: f32[4]) {
      %0 = reduce_sum(%x) {start = 0, end = 2} : f32[4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    start = try attributes.int("start")
    end = try attributes.int("end")
  }
  public var mnemonic: String { "reduce_sum" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("start", start)
    attributes.put("end", end)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    try ShapeRule.require(
      0 <= start && start < end && end <= operands[0].rank, "dimensions \(start)..<\(end) are out of range")
    var shape = operands[0].shape
    shape.removeSubrange(start..<end)
    return [TensorType(.f32, shape)]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let extents = Array(b.shape(of: context.operands[0])[start..<end])
    context.set(0, b.emitOne(Broadcast(at: start, extents: extents), try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { operands[0].count }
  public var opCase: OpCase { .reduceSum(self) }
}

/// New dimensions along which the operand is repeated.
public struct Broadcast: FacetOp {
  /// Position of the first new dimension in the result.
  public var at: Int
  /// Extents of the new dimensions.
  public var extents: [Int]

  /// The op of new dimensions.
  public init(at: Int, extents: [Int]) {
    self.at = at
    self.extents = extents
  }

  public static let mnemonics = ["broadcast"]
  public static let summary = "New dimensions along which the operand is repeated."
  public static let example = """
    program @example(%x: f32[4]) -> (y: f32[2,3,4]) {
      %0 = broadcast(%x) {at = 0, extents = [2, 3]} : f32[2,3,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    at = try attributes.int("at")
    extents = try attributes.ints("extents")
  }
  public var mnemonic: String { "broadcast" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("at", at)
    attributes.put("extents", extents)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    try ShapeRule.require(at >= 0 && at <= operands[0].rank, "dimension \(at) is out of range")
    try ShapeRule.require(!extents.isEmpty && extents.allSatisfy { $0 > 0 }, "extents must be positive")
    var shape = operands[0].shape
    shape.insert(contentsOf: extents, at: at)
    return [TensorType(.f32, shape)]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    context.set(0, context.builder.emitOne(ReduceSum(start: at, end: at + extents.count), try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .broadcast(self) }
}
