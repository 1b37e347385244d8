// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Packs weights by an operation of its own, where products would otherwise do so in every run. What follows from weights
/// alone then moves to the setup.
public struct PackConstantWeights: Pass {
  public let name = "pack-weights"
  public let summary = "Puts weights that do not change into the order in which products read them, once and for all."

  private let form: @Sendable (Operation, Program) -> OperandPrecision?

  /// The pass.
  ///
  /// - Parameter form: How the packed weights of an operation, its operand 1, are to be held; nil to leave them alone.
  public init(form: @escaping @Sendable (Operation, Program) -> OperandPrecision? = { _, _ in nil }) {
    self.form = form
  }

  private struct Packed: Hashable {
    var weights: ValueID
    var form: OperandPrecision
  }

  public func run(on program: inout Program) -> Bool {
    let origins = WeightHoisting.origins(program)
    var known: [Packed: ValueID] = [:]
    var operations: [Operation] = []
    for operation in program.operations {
      var operation = operation
      if operation.operands.count > 1, origins[operation.operands[1].index] == .weights,
        let form = form(operation, program), var op = operation.op as? any ReadsPackedWeights
      {
        let weights = Packed(weights: operation.operands[1], form: form)
        let packed = known[weights] ?? emit(weights, before: operation, into: &operations, &program)
        known[weights] = packed
        op.isPacked = true
        operation.op = op
        operation.operands[1] = packed
      }
      operations.append(operation)
    }
    program.operations = operations
    return !known.isEmpty
  }

  private func emit(
    _ weights: Packed, before user: Operation, into operations: inout [Operation], _ program: inout Program
  ) -> ValueID {
    let result = program.makeResult(PackWeights.packed(program.type(of: weights.weights), weights.form))
    operations.append(
      Operation(
        op: PackWeights(precision: weights.form), operands: [weights.weights], results: [result], scope: user.scope))
    return result
  }
}
