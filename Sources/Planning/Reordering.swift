import IR
import Ops

/// Orders of the operations of a program that keep its dependencies.
enum Reordering {
  /// Operations that make much of nothing (constants, broadcasts) wait until something needs them; operations without
  /// results (optimizer updates, cache writes) run as soon as they can, which frees their operands.
  static func lateAndEarly(_ program: Program, _ dependencies: Dependencies) -> [Int] {
    let operations = program.operations
    var producer = [Int](repeating: -1, count: program.values.count)
    for (position, operation) in operations.enumerated() {
      for result in operation.results { producer[result.index] = position }
    }
    let isLate = operations.map { operation in
      isCheapToDelay(operation) && !operation.operands.contains { dependencies.readsUpdatedSymbol[$0.index] }
    }
    var waiting = dependencies.predecessorCounts
    var isDone = [Bool](repeating: false, count: operations.count)
    var order: [Int] = []
    order.reserveCapacity(operations.count)

    // A late operation is emitted by its first user, after the late operations that it needs itself.
    func emit(_ first: Int) {
      var stack = [first]
      while let position = stack.last {
        if isDone[position] {
          stack.removeLast()
          continue
        }
        let needed = operations[position].operands.map { producer[$0.index] }.filter { $0 >= 0 && !isDone[$0] }
        if !needed.isEmpty {
          stack += needed.reversed()
          continue
        }
        stack.removeLast()
        isDone[position] = true
        order.append(position)
        for successor in dependencies.successors[position].reversed() {
          waiting[successor] -= 1
          if waiting[successor] == 0 && operations[successor].results.isEmpty { stack.append(successor) }
        }
      }
    }
    for position in operations.indices where !isLate[position] { emit(position) }
    for position in operations.indices { emit(position) }
    return order
  }

  private static func isCheapToDelay(_ operation: Operation) -> Bool {
    switch operation.opCase {
    case .constant, .broadcast: return true
    default: return false
    }
  }
}
