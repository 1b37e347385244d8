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
    var changed = false
    for position in program.operations.indices {
      guard var op = program.operations[position].op as? any HasPrecision, op.precision != precision,
        op.precisions.contains(precision)
      else { continue }
      op.precision = precision
      program.operations[position].op = op
      changed = true
    }
    return changed
  }
}
