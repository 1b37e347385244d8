import IR
import Ops

/// An order of execution with what it needs.
struct Schedule {
  var name: String
  var program: Program
  var workspaceByteCounts: [Int]
  var liveness: Liveness

  init(name: String, program: Program, viewOffsets: [Int?], workspaceByteCounts: [Int]) {
    self.name = name
    self.program = program
    self.workspaceByteCounts = workspaceByteCounts
    liveness = Liveness(program, viewOffsets: viewOffsets, workspaceByteCounts: workspaceByteCounts)
  }

  /// The order with the lowest peak of live bytes among: as written; cheap operations next to their first use and
  /// in-place updates as early as possible; greedy (at each step what leaves the fewest bytes live).
  static func best(_ program: Program, workspaceByteCounts: [Int], reorders: Bool) -> Schedule {
    let offsets = Views.offsets(program)
    var best = Schedule(
      name: "as written", program: program, viewOffsets: offsets, workspaceByteCounts: workspaceByteCounts)
    guard reorders, program.operations.count > 1 else { return best }
    let dependencies = Dependencies(program, viewOffsets: offsets)
    let candidates = [
      ("late constants, early updates", Reordering.lateAndEarly(program, dependencies)),
      ("greedy", Reordering.greedy(program, dependencies, best.liveness.views, workspaceByteCounts)),
    ]
    for (name, order) in candidates where !order.elementsEqual(program.operations.indices) {
      var reordered = program
      reordered.operations = order.map { program.operations[$0] }
      let candidate = Schedule(
        name: name, program: reordered, viewOffsets: order.map { offsets[$0] },
        workspaceByteCounts: order.map { workspaceByteCounts[$0] })
      if candidate.liveness.peak.byteCount < best.liveness.peak.byteCount { best = candidate }
    }
    return best
  }
}

/// What must stay before what: definitions before uses, and reads and writes of one symbol in their order.
struct Dependencies {
  /// By operation: the operations that wait for it, without repetition.
  private(set) var successors: [[Int]]
  /// By operation: how many operations it waits for.
  private(set) var predecessorCounts: [Int]

  /// By value: whether it is a symbol that the program updates, or may be a view of one.
  private(set) var readsUpdatedSymbol: [Bool]

  init(_ program: Program, viewOffsets: [Int?]) {
    let count = program.operations.count
    var predecessors = [[Int]](repeating: [], count: count)
    var producer = [Int](repeating: -1, count: program.values.count)
    // The symbol that a value reads through views, whatever becomes of the view.
    var symbol = program.values.map { value -> Int? in
      if case .symbol(let index) = value.origin { return index }
      return nil
    }
    var lastWrite = [Int](repeating: -1, count: program.symbols.count)
    var reads = [[Int]](repeating: [], count: program.symbols.count)
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands where producer[operand.index] >= 0 {
        predecessors[position].append(producer[operand.index])
      }
      for operand in operation.operands {
        guard let symbol = symbol[operand.index] else { continue }
        if lastWrite[symbol] >= 0 { predecessors[position].append(lastWrite[symbol]) }
        reads[symbol].append(position)
      }
      for index in operation.op.mutatedOperands {
        guard let symbol = symbol[operation.operands[index].index] else { continue }
        predecessors[position] += reads[symbol].filter { $0 != position }
        lastWrite[symbol] = position
        reads[symbol] = []
      }
      for result in operation.results { producer[result.index] = position }
      if Views.offset(operation, program) != nil {
        symbol[operation.results[0].index] = symbol[operation.operands[0].index]
      }
    }
    readsUpdatedSymbol = symbol.map { $0.map { lastWrite[$0] >= 0 } ?? false }
    successors = Array(repeating: [], count: count)
    predecessorCounts = Array(repeating: 0, count: count)
    for (position, list) in predecessors.enumerated() {
      for predecessor in list where successors[predecessor].last != position {
        successors[predecessor].append(position)
        predecessorCounts[position] += 1
      }
    }
  }
}
