import IR

/// How the operands of a product may be held while they are multiplied. Operands, results and sums of programs are f32 in
/// any case.
public enum OperandPrecision: String, CaseIterable, Sendable {
  /// As they are.
  case f32
  /// Rounded to bfloat16 where that is faster. Kernels keep f32 where it is not, or where their way of computing would
  /// multiply the error of rounding (convolution by tiles).
  case bf16

  init(_ attributes: inout AttributeReader) throws(OpError) {
    self = try attributes.word("precision", default: .f32)
  }

  /// Nothing is written for f32.
  func write(to attributes: inout AttributeWriter) {
    if self != .f32 { attributes.put("precision", self) }
  }

  /// Refuses differentiation of what only a late pass makes.
  func requireFull(_ mnemonic: String) throws(OpError) {
    if self != .f32 {
      throw OpError("\(mnemonic) with bf16 operands has no gradient rule: differentiate before lowering precision")
    }
  }
}
