import IR

/// The function that a product or convolution applies to its sums before it stores them.
public enum EpilogueActivation: String, CaseIterable, Sendable {
  /// None.
  case none
  /// max(x, 0).
  case relu
  /// x * sigmoid(x).
  case silu
  /// x * Phi(x), the exact (erf) form.
  case gelu

  /// The function of the unary table that it is, nil for none.
  public var function: UnaryFunction? {
    switch self {
    case .none: nil
    case .relu: .relu
    case .silu: .silu
    case .gelu: .gelu
    }
  }
}

/// What a product or convolution does to its sums while they are in registers: activation(sums + bias) + residual.
/// Only passes that run after differentiation make one; an op with an epilogue has no gradient.
public struct Epilogue: Hashable, Sendable {
  /// Applied after the bias.
  public var activation: EpilogueActivation
  /// Whether the last operand, of the result's type, is added at the end.
  public var addsResidual: Bool

  /// An epilogue of the given steps.
  public init(activation: EpilogueActivation = .none, addsResidual: Bool = false) {
    self.activation = activation
    self.addsResidual = addsResidual
  }

  /// No epilogue.
  public static let none = Epilogue()

  init(_ attributes: inout AttributeReader) throws(OpError) {
    activation = try attributes.word("activation", default: .none)
    addsResidual = try attributes.flag("residual")
  }

  /// Nothing is written where there is nothing to do, so unfused ops print as they always did.
  func write(to attributes: inout AttributeWriter) {
    if activation != .none { attributes.put("activation", activation) }
    if addsResidual { attributes.put("residual", true) }
  }

  /// The operands of the op itself.
  public func inner<T>(_ operands: [T]) -> ArraySlice<T> { addsResidual ? operands.dropLast() : operands[...] }

  /// Checks that the last operand can be added to the result.
  func check(_ operands: [TensorType], result: TensorType) throws(OpError) {
    guard addsResidual else { return }
    try ShapeRule.dtype(operands, at: operands.count - 1, .f32)
    try ShapeRule.shape(operands, operands.count - 1, result.shape)
  }

  /// Refuses differentiation where there is an epilogue.
  func requireNone(_ mnemonic: String) throws(OpError) {
    if self != .none { throw OpError("\(mnemonic) with an epilogue has no gradient rule: differentiate before fusing") }
  }

  /// Arithmetic on a result of so many elements.
  func flops(_ count: Int) -> Int {
    let activation = activation.function.map { Unary($0).flops(operands: [], results: [.f32(count)]) } ?? 0
    return activation + (addsResidual ? count : 0)
  }
}
