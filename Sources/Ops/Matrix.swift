// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Matrix product of the two innermost dimensions, batched over equal leading dimensions.
public struct MatMul: HasEpilogue, HasPrecision {
  /// Whether the first operand is stored transposed, [K, M].
  public var transposeA: Bool
  /// Whether the second operand is stored transposed, [N, K].
  public var transposeB: Bool
  /// What happens to the sums.
  public var epilogue: Epilogue
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32

  /// The op with the given storage orders.
  public init(transposeA: Bool = false, transposeB: Bool = false, epilogue: Epilogue = .none) {
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.epilogue = epilogue
  }

  public static let mnemonics = ["matmul"]
  public static let summary = "Matrix product over the two innermost dimensions, batched over the leading ones."
  public static let example = """
    program @example(%a: f32[2,3], %b: f32[4,3]) -> (c: f32[2,4]) {
      %0 = matmul(%a, %b) {transpose_a = false, transpose_b = true} : f32[2,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    transposeA = try attributes.bool("transpose_a")
    transposeB = try attributes.bool("transpose_b")
    epilogue = try Epilogue(&attributes)
    precision = try OperandPrecision(&attributes)
  }
  public var mnemonic: String { "matmul" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("transpose_a", transposeA)
    attributes.put("transpose_b", transposeB)
    epilogue.write(to: &attributes)
    precision.write(to: &attributes)
  }
  /// Extents (m, n, k) of one product.
  public func extents(_ a: TensorType, _ b: TensorType) -> (m: Int, n: Int, k: Int) {
    let sa = a.shape.suffix(2)
    let sb = b.shape.suffix(2)
    return (transposeA ? sa.last! : sa.first!, transposeB ? sb.first! : sb.last!, transposeA ? sa.first! : sa.last!)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, epilogue.addsResidual ? 3 : 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.minimumRank(operands, 0, 2)
    try ShapeRule.rank(operands, 1, operands[0].rank)
    let batch = operands[0].shape.dropLast(2)
    try ShapeRule.require(
      batch == operands[1].shape.dropLast(2), "leading dimensions of \(operands[0]) and \(operands[1]) differ")
    let (m, n, k) = extents(operands[0], operands[1])
    let other = transposeB ? operands[1].shape.last! : operands[1].shape.suffix(2).first!
    try ShapeRule.require(k == other, "inner dimensions \(k) and \(other) differ")
    let result = TensorType(.f32, batch + [m, n])
    try epilogue.check(operands, result: result)
    return [result]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let builder = context.builder
    let (a, b) = (context.operands[0], context.operands[1])
    let dc = try context.incoming()
    func product(_ x: ValueID, _ y: ValueID, _ tx: Bool, _ ty: Bool) -> ValueID {
      builder.emitOne(MatMul(transposeA: tx, transposeB: ty), x, y)
    }
    if context.wants(0) {
      context.set(0, transposeA ? product(b, dc, transposeB, true) : product(dc, b, false, !transposeB))
    }
    if context.wants(1) {
      context.set(1, transposeB ? product(dc, a, true, transposeA) : product(a, dc, !transposeA, false))
    }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    2 * results[0].count * extents(operands[0], operands[1]).k + epilogue.flops(results[0].count)
  }
  public var opCase: OpCase { .matmul(self) }
}

/// `y = x W^T (+ b)` over the last dimension; W is stored [out, in].
///
/// W may be stored in fewer bits: as bf16, or as i8 with one scale per row. The operands are then x, W, the f32 scales
/// [out] of an i8 weight, and the bias if there is one. Sums are f32 whatever the storage.
public struct Linear: HasEpilogue, HasPrecision, ReadsPackedWeights {
  /// What happens to the sums.
  public var epilogue: Epilogue
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32
  /// Whether W is what `pack_weights` made.
  public var isPacked = false

  /// The op; a bias is present if there is one more operand (the residual aside).
  public init(epilogue: Epilogue = .none) { self.epilogue = epilogue }

  public static let mnemonics = ["linear"]
  public static let summary = "x W^T + bias over the last dimension; W is [out, in], the bias optional."
  public static let example = """
    program @example(%x: f32[2,3], %w: f32[4,3], %b: f32[4]) -> (y: f32[2,4]) {
      %0 = linear(%x, %w, %b) : f32[2,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    epilogue = try Epilogue(&attributes)
    precision = try OperandPrecision(&attributes)
    isPacked = try attributes.flag("packed")
  }
  public var mnemonic: String { "linear" }
  public func write(to attributes: inout AttributeWriter) {
    epilogue.write(to: &attributes)
    precision.write(to: &attributes)
    if isPacked { attributes.put("packed", true) }
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    let inner = Array(epilogue.inner(operands))
    try ShapeRule.operands(inner, 2...4)
    try ShapeRule.rank(operands, 1, 2)
    try ShapeRule.weights(inner, 1, scales: 2)
    if isPacked { try PackWeights.check(operands, 1, precision) }
    try ShapeRule.operands(inner, Self.firstExtra(operands)...Self.firstExtra(operands) + 1)
    try ShapeRule.dtype(operands, at: 0, .f32)
    try ShapeRule.minimumRank(operands, 0, 1)
    let (out, input) = (operands[1].shape[0], operands[1].shape[1])
    try ShapeRule.require(operands[0].lastExtent == input, "\(operands[0]) does not end in \(input)")
    if let bias = bias(operands) {
      try ShapeRule.dtype(operands, at: bias, .f32)
      try ShapeRule.shape(operands, bias, [out])
    }
    let result = TensorType(.f32, operands[0].shape.dropLast() + [out])
    try epilogue.check(operands, result: result)
    return [result]
  }
  /// Position after the weight and its scales.
  private static func firstExtra(_ operands: [TensorType]) -> Int { operands[1].dtype == .i8 ? 3 : 2 }
  /// Position of the bias, if there is one.
  public func bias(_ operands: [TensorType]) -> Int? {
    let position = Self.firstExtra(operands)
    return epilogue.inner(operands).count > position ? position : nil
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let (x, w) = (context.operands[0], context.operands[1])
    guard b.type(of: w).dtype == .f32 else { throw OpError("\(mnemonic) with narrow weights has no gradient rule") }
    let dy = try context.incoming()
    let (out, input) = (b.shape(of: w)[0], b.shape(of: w)[1])
    let rows = b.type(of: x).count / input
    let dy2 = b.reshape(dy, [rows, out])
    if context.wants(0) { context.set(0, b.reshape(b.emitOne(MatMul(), dy2, w), b.shape(of: x))) }
    if context.wants(1) {
      context.set(1, b.emitOne(MatMul(transposeA: true), dy2, b.reshape(x, [rows, input])))
    }
    if context.operands.count == 3, context.wants(2) { context.set(2, b.sumLeading(dy2, to: [out])) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    let scales = operands[1].dtype == .i8 ? results[0].count : 0
    let biases = bias(operands) != nil ? results[0].count : 0
    return 2 * results[0].count * operands[1].shape[1] + scales + biases + epilogue.flops(results[0].count)
  }
  public var opCase: OpCase { .linear(self) }
}
