// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Lets one operation stand for all that apply the same op to the same values.
public struct CommonSubexpressions: Pass {
  public let name = "common-subexpressions"
  public let summary = "Computes equal operations on equal operands once."

  /// The pass.
  public init() {}

  /// What makes two operations equal. Reads of a symbol before and after an update differ by the version.
  private struct Key: Hashable {
    var op: AnyHashable
    var operands: [ValueID]
    var versions: [Int]
  }

  public func run(on program: inout Program) -> Bool {
    let symbols = SymbolReads(program)
    var known: [Key: [ValueID]] = [:]
    var renamed: [ValueID: ValueID] = [:]
    var kept: [Operation] = []
    kept.reserveCapacity(program.operations.count)
    for (position, original) in program.operations.enumerated() {
      var operation = original
      operation.operands = operation.operands.map { renamed[$0] ?? $0 }
      guard operation.op.mutatedOperands.isEmpty, let op = operation.op as? any FacetOp else {
        kept.append(operation)
        continue
      }
      let versions =
        operation.operands.allSatisfy(symbols.isStable)
        ? [] : operation.operands.map { symbols.version($0, before: position) }
      let key = Key(op: AnyHashable(op), operands: operation.operands, versions: versions)
      if let results = known[key] {
        for (old, new) in zip(operation.results, results) { renamed[old] = new }
      } else {
        known[key] = operation.results
        kept.append(operation)
      }
    }
    guard kept.count < program.operations.count else { return false }
    program.operations = kept
    for index in program.outputs.indices {
      if let value = renamed[program.outputs[index].value] { program.outputs[index].value = value }
    }
    return true
  }
}
