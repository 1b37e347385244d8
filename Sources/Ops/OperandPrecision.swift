import IR

/// How the operands of a product may be held while they are multiplied, and how it may be computed: with sums in f32, but
/// for `strict`. Operands and results of programs are f32 in any case.
public enum OperandPrecision: String, CaseIterable, Sendable {
  /// As they are.
  case f32
  /// Rounded to bfloat16 where that is faster. Kernels keep f32 where it is not, or where their way of computing would
  /// multiply the error of rounding (convolution by tiles).
  case bf16
  /// As they are, and products are added up in double precision, those of convolutions directly instead of by tiles: for
  /// numbers that are compared with those of another implementation. Attention and products of few rows stay f32.
  case strict

  init(_ attributes: inout AttributeReader, among allowed: [OperandPrecision] = allCases) throws(OpError) {
    self = try attributes.word("precision", default: .f32)
    guard allowed.contains(self) else { throw OpError("precision \(rawValue) makes no difference here") }
  }

  /// Nothing is written for f32.
  func write(to attributes: inout AttributeWriter) {
    if self != .f32 { attributes.put("precision", self) }
  }

  /// Refuses differentiation of what only a late pass makes.
  func requireFull(_ mnemonic: String) throws(OpError) {
    if self != .f32 {
      throw OpError("\(mnemonic) in \(rawValue) has no gradient rule: differentiate before setting precision")
    }
  }
}
