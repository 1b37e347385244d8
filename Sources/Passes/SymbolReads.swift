import IR
import Ops

/// When symbols are updated, and which values read their storage: what decides whether a read may be moved.
struct SymbolReads {
  /// By value: the symbol that it is, or that it may be a view of.
  private let roots: [Int32]
  /// By symbol: the operations that update it, in order.
  private let updates: [[Int]]

  init(_ program: Program) {
    var roots = program.values.map { value -> Int32 in
      if case .symbol(let index) = value.origin { return Int32(truncatingIfNeeded: index) }
      return -1
    }
    var updates = [[Int]](repeating: [], count: program.symbols.count)
    for (position, operation) in program.operations.enumerated() {
      for index in operation.op.mutatedOperands {
        let root = Int(roots[operation.operands[index].index])
        if root >= 0 { updates[root].append(position) }
      }
      switch operation.opCase {
      case .reshape, .stopGradient, .slice: roots[operation.results[0].index] = roots[operation.operands[0].index]
      default: break
      }
    }
    self.roots = roots
    self.updates = updates
  }

  /// Whether a value is the same whenever it is read: not a symbol that the program updates, nor a view of one.
  func isStable(_ value: ValueID) -> Bool {
    guard value.index < roots.count, roots[value.index] >= 0 else { return true }
    return updates[Int(roots[value.index])].isEmpty
  }

  /// Whether values read before operation `start` hold the same before operation `end`.
  func areUnchanged(_ values: [ValueID], from start: Int, to end: Int) -> Bool {
    values.allSatisfy { value in
      guard value.index < roots.count, roots[value.index] >= 0 else { return true }
      return !updates[Int(roots[value.index])].contains { start <= $0 && $0 < end }
    }
  }

  /// How often the symbol behind a value has been updated before an operation.
  func version(_ value: ValueID, before position: Int) -> Int {
    guard value.index < roots.count, roots[value.index] >= 0 else { return 0 }
    return updates[Int(roots[value.index])].count { $0 < position }
  }
}
