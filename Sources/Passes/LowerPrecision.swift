// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Lets products round their operands: matrix products, convolutions and attention, with their gradients. Everything else
/// - weights, sums, norms, softmax, losses, codebook lookup, optimizer - stays f32.
public struct LowerPrecision: Pass {
  public let name = "lower-precision"
  public let summary = "Lets matrix products, convolutions and attention round their operands to bf16; sums stay f32."
  /// How operands may be held.
  public var precision: OperandPrecision

  /// The pass.
  public init(_ precision: OperandPrecision) { self.precision = precision }

  public func run(on program: inout Program) -> Bool {
    var changed = false
    for position in program.operations.indices {
      guard let (known, op) = lowered(program.operations[position].opCase), known != precision else { continue }
      program.operations[position].op = op
      changed = true
    }
    return changed
  }

  /// The precision of an op that multiplies, and the op in the new one.
  private func lowered(_ op: OpCase) -> (OperandPrecision, any Op)? {
    switch op {
    case .matmul(let op): return lowered(op, \.precision)
    case .linear(let op): return lowered(op, \.precision)
    case .conv2D(let op): return lowered(op, \.precision)
    case .conv2DInputGradient(let op): return lowered(op, \.precision)
    case .conv2DWeightGradient(let op): return lowered(op, \.precision)
    case .attention(let op): return lowered(op, \.precision)
    case .attentionGradient(let op): return lowered(op, \.precision)
    default: return nil
    }
  }

  private func lowered<T: Op>(_ op: T, _ path: WritableKeyPath<T, OperandPrecision>) -> (OperandPrecision, any Op) {
    var result = op
    result[keyPath: path] = precision
    return (op[keyPath: path], result)
  }
}
