// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Weights [out, ...] in the order in which products read them. The elements are the same, perhaps rounded to bf16; where
/// each of them stands is the machine's affair, so only an op that says `packed` may read the result.
public struct PackWeights: FacetOp {
  /// How the elements are held.
  public var precision: OperandPrecision

  /// The op.
  public init(precision: OperandPrecision = .f32) { self.precision = precision }

  /// Rows of weights that are packed together: their number is a multiple of this.
  public static let panel = 32

  public static let mnemonics = ["pack_weights"]
  public static let summary = "Weights in the order in which products of this machine read them, for packed operands."
  public static let example = """
    program @example(%w: f32[32,3]) -> (packed: f32[32,3]) {
      %0 = pack_weights(%w) : f32[32,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    precision = try OperandPrecision(&attributes)
  }
  public var mnemonic: String { "pack_weights" }
  public func write(to attributes: inout AttributeWriter) { precision.write(to: &attributes) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    guard Self.canPack(operands[0], precision) else { throw OpError("\(operands[0]) has no packed form") }
    return [Self.packed(operands[0], precision)]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .packWeights(self) }

  /// Whether weights of a linear layer [out, in] or of a convolution [out, kh, kw, in] fill whole panels, and as bf16 whole
  /// pairs, so that their packed form has as many elements.
  public static func canPack(_ type: TensorType, _ precision: OperandPrecision) -> Bool {
    guard type.dtype == .f32, type.rank == 2 || type.rank == 4, type.shape[0] % panel == 0 else { return false }
    return precision == .f32 || type.shape.suffix(2).reduce(1, type.rank == 2 ? { $1 } : (*)) % 2 == 0
  }

  /// The type of packed weights.
  public static func packed(_ type: TensorType, _ precision: OperandPrecision) -> TensorType {
    TensorType(precision == .bf16 ? .bf16 : .f32, type.shape)
  }

  /// Checks an operand that must be packed weights; as bf16 only for a product that may round its operands.
  static func check(_ types: [TensorType], _ index: Int, _ precision: OperandPrecision) throws(OpError) {
    let type = types[index]
    guard type.dtype == .f32 || type.dtype == .bf16 && precision == .bf16,
      canPack(TensorType(.f32, type.shape), type.dtype == .bf16 ? .bf16 : .f32)
    else { throw OpError("operand \(index) is \(type), which cannot be packed weights here") }
  }
}
