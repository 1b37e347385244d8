// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Rows of a table [K, D] picked by indices [...]: result [..., D], in f32.
///
/// The table may be stored in fewer bits: as bf16, or as i8 with f32 scales [K] as third operand.
public struct Embedding: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["embedding"]
  public static let summary = "Rows of a table picked by indices."
  public static let example = """
    program @example(%table: f32[5,4], %i: i32[2,3]) -> (y: f32[2,3,4]) {
      %0 = embedding(%table, %i) : f32[2,3,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "embedding" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2...3)
    try ShapeRule.rank(operands, 0, 2)
    try ShapeRule.weights(operands, 0, scales: 2)
    try ShapeRule.operands(operands, operands[0].dtype == .i8 ? 3 : 2)
    try ShapeRule.dtype(operands, at: 1, .i32)
    return [TensorType(.f32, operands[1].shape + [operands[0].shape[1]])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    guard context.type(context.operands[0]).dtype == .f32 else {
      throw OpError("\(mnemonic) of a narrow table has no gradient rule")
    }
    let rows = context.type(context.operands[0]).shape[0]
    context.set(0, context.builder.emitOne(EmbeddingGradient(rows: rows), context.operands[1], try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public func cost(operands: [TensorType], results: [TensorType]) -> Cost {
    let scales = operands.count > 2 ? 4 * operands[1].count : 0
    let read = results[0].count * operands[0].dtype.byteCount + scales
    return Cost(flops: 0, bytes: operands[1].byteCount + read + results[0].byteCount)
  }
  public var opCase: OpCase { .embedding(self) }
}

/// The gradient of `Embedding` from (indices, dy): rows of dy summed into a table [K, D] in order of position.
public struct EmbeddingGradient: FacetOp {
  /// Number of rows of the table.
  public var rows: Int

  /// The op for a table of `rows` rows.
  public init(rows: Int) { self.rows = rows }

  public static let mnemonics = ["embedding_gradient"]
  public static let summary = "Rows of dy summed by index, in order of position."
  public static let example = """
    program @example(%i: i32[2,3], %dy: f32[2,3,4]) -> (dt: f32[5,4]) {
      %0 = embedding_gradient(%i, %dy) {rows = 5} : f32[5,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) { rows = try attributes.int("rows") }
  public var mnemonic: String { "embedding_gradient" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("rows", rows) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.dtype(operands, .i32, .f32)
    try ShapeRule.require(rows > 0, "rows must be positive")
    try ShapeRule.minimumRank(operands, 1, 1)
    try ShapeRule.require(Array(operands[1].shape.dropLast()) == operands[0].shape, "dy must be [indices..., width]")
    return [.f32(rows, operands[1].lastExtent)]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    if context.wants(1) {
      context.set(1, context.builder.emitOne(Embedding(), try context.incoming(), context.operands[0]))
    }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { operands[1].count }
  public var opCase: OpCase { .embeddingGradient(self) }
}
