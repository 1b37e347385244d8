// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Search for the nearest entry e_n of each row of z [N, d] among e [K, d], with what training needs of it (method
/// section 1): its index, the straight-through value z + (e_n - z), the difference e_n - z, and the sum of all squared
/// differences, of which codebook and commitment loss are multiples.
///
/// Only a pass that runs after differentiation makes one.
public struct Quantize: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["quantize"]
  public static let summary = "nearest_code with z + (e - z), the differences e - z, and the sum of their squares."
  public static let example = """
    program @example(%z: f32[6,4], %e: f32[5,4]) -> (i: i32[6], y: f32[6,4], d: f32[6,4], s: f32[]) {
      %0, %1, %2, %3 = quantize(%z, %e) : i32[6], f32[6,4], f32[6,4], f32[]
      return %0, %1, %2, %3
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "quantize" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try NearestCode().resultTypes(operands) + [operands[0], operands[0], .f32()]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    NearestCode().flops(operands: operands, results: results) + 4 * operands[0].count
  }
  public var opCase: OpCase { .quantize(self) }
}
