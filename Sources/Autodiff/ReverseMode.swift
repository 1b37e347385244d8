import IR
import Ops

/// A program that cannot be differentiated, with the operation at fault.
public struct DifferentiationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Operation and reason.
  public var description: String
}

/// Reverse-mode differentiation as a graph transformation: gradient operations are appended to the program that is
/// being built, so one program holds a whole training step. The rules live with the ops.
public enum ReverseMode {
  /// Emits the gradients of a scalar with respect to values of the program.
  ///
  /// - Parameters:
  ///   - loss: An f32[] value.
  ///   - targets: Values, usually parameters.
  ///   - builder: The builder whose program defines them; operations after `loss` are ignored.
  /// - Returns: One gradient per target, of the target's type; zeros where the loss does not depend on it.
  public static func gradients(
    of loss: ValueID, withRespectTo targets: [ValueID], in builder: ProgramBuilder
  ) throws(DifferentiationError) -> [ValueID] {
    let forward = builder.program
    guard forward.type(of: loss) == .f32() else {
      throw DifferentiationError(
        description: "only a scalar f32[] can be differentiated, not \(forward.type(of: loss))")
    }
    let active = activeValues(forward, targets)
    var gradients = [ValueID?](repeating: nil, count: forward.values.count)
    builder.withScope("loss+gradient") { gradients[loss.index] = builder.scalar(1) }

    for operation in forward.operations.reversed() {
      guard operation.results.contains(where: { gradients[$0.index] != nil }) else { continue }
      let wanted = operation.operands.map { active[$0.index] }
      guard wanted.contains(true) else { continue }
      let context = GradientContext(
        builder: builder, operation: operation, resultGradients: operation.results.map { gradients[$0.index] },
        wanted: wanted)
      var failure: DifferentiationError?
      builder.withScope(operation.scope + "+gradient") {
        do {
          try (operation.op as? any FacetOp)?.requireDifferentiable()
          try operation.op.gradient(context)
        } catch {
          failure = DifferentiationError(description: "\(operation.op.mnemonic) in '\(operation.scope)': \(error)")
          return
        }
        for (operand, gradient) in zip(operation.operands, context.operandGradients) {
          guard let gradient, active[operand.index] else { continue }
          precondition(
            builder.type(of: gradient) == builder.type(of: operand),
            "\(operation.op.mnemonic): gradient \(builder.type(of: gradient)) of operand \(builder.type(of: operand))")
          // Contributions add up in the order in which they are met, so the sum is reproducible.
          gradients[operand.index] = gradients[operand.index].map { builder.add($0, gradient) } ?? gradient
        }
      }
      if let failure { throw failure }
    }
    return targets.map { target in
      gradients[target.index] ?? builder.emitOne(Constant(0, shape: builder.shape(of: target)))
    }
  }

  /// Values through which a change of a target can reach anything.
  private static func activeValues(_ program: Program, _ targets: [ValueID]) -> [Bool] {
    var active = [Bool](repeating: false, count: program.values.count)
    for target in targets { active[target.index] = true }
    for operation in program.operations {
      if case .stopGradient = operation.opCase { continue }
      guard operation.operands.contains(where: { active[$0.index] }) else { continue }
      for result in operation.results where program.type(of: result).dtype == .f32 { active[result.index] = true }
    }
    return active
  }
}
