import IR
import Ops
import TestSupport

@testable import Runtime

/// Compares a run with the reference interpreter operation by operation.
///
/// After each operation its results are read back and compared with what the reference makes of the very operands that
/// the runtime had. Rounding errors cannot pile up, so the tolerance can be tight, and a value that is overwritten too
/// early shows at the operation that reads it.
struct StepwiseComparison {
  /// Allowed difference relative to the largest magnitude among an operation's operands and results.
  var relative = 4e-6

  /// Runs the program once.
  ///
  /// - Returns: One line per result that differs.
  func run(_ subject: RuntimeRun) throws -> [String] {
    try subject.prepare()
    let executable = subject.executable
    let program = executable.plan.program
    var known: [ValueID: Tensor] = [:]
    for port in program.inputs { known[port.value] = subject.contents(port.value) }
    for use in program.symbols { known[use.value] = subject.contents(use.value) }
    var failures: [String] = []
    var next = 0

    func check(_ position: Int) throws {
      let operation = program.operations[position]
      let operands = operation.operands.compactMap { known[$0] }
      let expected = try ReferenceInterpreter.evaluate(
        operation.opCase, operands, results: program.types(of: operation.results))
      let scale = (operands + expected.results).flatMap(\.reals).reduce(1) { max($0, abs($1)) }
      let tolerance = Tolerance(absolute: relative * scale, relative: relative)
      func compare(_ value: ValueID, _ wanted: Tensor, _ name: String) {
        let found = subject.contents(value)
        known[value] = found
        let comparison = TestSupport.compare(found, to: wanted, tolerance)
        if !comparison.passes { failures.append("\(position) \(operation.op.mnemonic), \(name): \(comparison)") }
      }
      for (index, (result, wanted)) in zip(operation.results, expected.results).enumerated() {
        compare(result, wanted, "result \(index)")
      }
      for (index, wanted) in expected.updates { compare(operation.operands[index], wanted, "operand \(index)") }
    }

    /// Operations that are only names for bytes run nothing; they follow the operation before them.
    func checkViews() throws {
      while next < program.operations.count, !executable.operationOfInstruction.contains(next) {
        try check(next)
        next += 1
      }
    }

    try checkViews()
    var instruction = 0
    var failure: (any Error)?
    executable.run { position in
      instruction += 1
      let isLast =
        instruction == executable.instructionCount || executable.operationOfInstruction[instruction] != position
      guard isLast, failure == nil else { return }
      do {
        try check(position)
        next = position + 1
        try checkViews()
      } catch { failure = error }
    }
    if let failure { throw failure }
    for port in program.outputs {
      if let value = known[port.value], subject.contents(port.value) != value {
        failures.append("output \(port.name) was overwritten")
      }
    }
    return failures
  }
}
