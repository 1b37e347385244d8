import ArgumentParser
import IR
import Ops
import Passes
import Training

/// How far a program has come.
enum ProgramStage: String, ExpressibleByArgument, CaseIterable {
  /// The model and its losses.
  case lowered
  /// With gradients and updates, as built.
  case differentiated
  /// After all passes, in the order of execution.
  case optimized

  /// The program at this stage.
  func apply(_ program: Program, precision: OperandPrecision) throws -> Program {
    switch self {
    case .lowered: Self.forward(program)
    case .differentiated: program
    case .optimized: try ProgramCompiler(precision: precision).compile(program).plan.program
    }
  }

  /// The program without gradients and updates, and without the outputs that follow from them.
  private static func forward(_ program: Program) -> Program {
    var result = program
    var isGone = [Bool](repeating: false, count: program.values.count)
    result.operations.removeAll { operation in
      let removed =
        operation.scope.hasSuffix("+gradient") || !operation.op.mutatedOperands.isEmpty
        || operation.operands.contains { isGone[$0.index] }
      if removed { for value in operation.results { isGone[value.index] = true } }
      return removed
    }
    result.outputs.removeAll { isGone[$0.value.index] }
    _ = DeadCode().run(on: &result)
    return result
  }
}
