// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Removes operations that nothing depends on: no result is read, no output names one, no symbol is updated.
public struct DeadCode: Pass {
  public let name = "dead-code"
  public let summary = "Removes operations whose results are never used and that update nothing."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool {
    var isLive = [Bool](repeating: false, count: program.values.count)
    for port in program.outputs { isLive[port.value.index] = true }
    var kept: [Operation] = []
    for operation in program.operations.reversed() {
      guard !operation.op.mutatedOperands.isEmpty || operation.results.contains(where: { isLive[$0.index] }) else {
        continue
      }
      for operand in operation.operands { isLive[operand.index] = true }
      kept.append(operation)
    }
    guard kept.count < program.operations.count else { return false }
    program.operations = kept.reversed()
    return true
  }
}
