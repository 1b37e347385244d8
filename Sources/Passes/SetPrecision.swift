// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Tells matrix products and convolutions, with their gradients, how to hold their operands and how to add up; attention
/// too, if operands are to be rounded. Everything else - weights, norms, softmax, losses, codebook lookup, optimizer -
/// stays f32.
public struct SetPrecision: Pass {
  public let name = "set-precision"
  public let summary = "Tells matrix products, convolutions and attention how to hold their operands and how to add up."
  /// How operands may be held.
  public var precision: OperandPrecision

  /// The pass.
  public init(_ precision: OperandPrecision) { self.precision = precision }

  public func run(on program: inout Program) -> Bool {
    var hasChanged = false
    for position in program.operations.indices {
      guard let (known, op) = changed(program.operations[position].opCase), known != precision else { continue }
      program.operations[position].op = op
      hasChanged = true
    }
    return hasChanged
  }

  /// The precision of an op that multiplies, and the op in the new one.
  private func changed(_ op: OpCase) -> (OperandPrecision, any Op)? {
    switch op {
    case .matmul(let op): return changed(op, \.precision)
    case .linear(let op): return changed(op, \.precision)
    case .conv2D(let op): return changed(op, \.precision)
    case .conv2DInputGradient(let op): return changed(op, \.precision)
    case .conv2DWeightGradient(let op): return changed(op, \.precision)
    case .attention(let op) where precision != .strict: return changed(op, \.precision)
    case .attentionGradient(let op) where precision != .strict: return changed(op, \.precision)
    default: return nil
    }
  }

  private func changed<T: Op>(_ op: T, _ path: WritableKeyPath<T, OperandPrecision>) -> (OperandPrecision, any Op) {
    var result = op
    result[keyPath: path] = precision
    return (op[keyPath: path], result)
  }
}
