import IR
import Ops

/// One sweep of rewrites over a program. Patterns are matched on the program as it was when the sweep began; what has
/// been rewritten is not matched again before the next sweep.
struct Rewriter {
  /// The program as it was, with the values made since.
  private(set) var program: Program
  /// By value: the operations that read it, in order, each once.
  private(set) var users: [[Int]]
  /// Reads and writes of symbols.
  let symbols: SymbolReads
  private var producers: [Int]
  private var isOutput: [Bool]
  private var outcomes: [[Operation]?]
  private var renamed: [Int: ValueID] = [:]
  private(set) var changed = false

  init(_ program: Program) {
    self.program = program
    symbols = SymbolReads(program)
    users = Array(repeating: [], count: program.values.count)
    producers = Array(repeating: -1, count: program.values.count)
    isOutput = Array(repeating: false, count: program.values.count)
    outcomes = Array(repeating: nil, count: program.operations.count)
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands where users[operand.index].last != position {
        users[operand.index].append(position)
      }
      for result in operation.results { producers[result.index] = position }
    }
    for port in program.outputs { isOutput[port.value.index] = true }
  }

  /// The operations as they were.
  var operations: [Operation] { program.operations }

  /// Whether an operation has been rewritten in this sweep.
  func isRewritten(_ position: Int) -> Bool { outcomes[position] != nil }

  /// The op of an operation, unless that has been rewritten.
  func op(_ position: Int) -> OpCase? { isRewritten(position) ? nil : program.operations[position].opCase }

  /// The operation that makes a value, unless it has been rewritten.
  func producer(of value: ValueID) -> Int? {
    guard value.index < producers.count, producers[value.index] >= 0, !isRewritten(producers[value.index]) else {
      return nil
    }
    return producers[value.index]
  }

  /// The op that makes a value, unless it has been rewritten.
  func definition(of value: ValueID) -> (position: Int, operation: Operation, op: OpCase)? {
    producer(of: value).map { ($0, program.operations[$0], program.operations[$0].opCase) }
  }

  /// Whether one operation alone reads a value, and reads it once, and no output names it.
  func isUsedOnce(_ value: ValueID) -> Bool {
    guard users[value.index].count == 1, !isOutput[value.index] else { return false }
    return program.operations[users[value.index][0]].operands.count { $0 == value } == 1
  }

  /// Whether an output names a value.
  func isOutput(_ value: ValueID) -> Bool { isOutput[value.index] }

  /// The element of a value that is a filled constant.
  func constant(_ value: ValueID) -> Float? {
    guard producers[value.index] >= 0 else { return nil }
    guard case .constant(let op) = program.operations[producers[value.index]].opCase else { return nil }
    return op.value
  }

  func type(_ value: ValueID) -> TensorType { program.type(of: value) }
  func shape(_ value: ValueID) -> [Int] { program.type(of: value).shape }

  /// An operation with results of its own.
  mutating func make(_ op: any FacetOp, _ operands: [ValueID], scope: String) -> Operation {
    let results: [TensorType]
    do { results = try op.resultTypes(program.types(of: operands)) } catch {
      let types = program.types(of: operands).map(\.description).joined(separator: ", ")
      preconditionFailure("\(program.name) \(scope): \(op.mnemonic)(\(types)) \(op.attributeText): \(error)")
    }
    return Operation(op: op, operands: operands, results: results.map { program.makeResult($0) }, scope: scope)
  }

  /// Puts operations in the place of one; they define its results, or these have been renamed.
  mutating func replace(_ position: Int, with operations: [Operation]) {
    outcomes[position] = operations
    changed = true
  }

  /// Puts another op in the place of one, with the same results.
  mutating func replace(_ position: Int, with op: any FacetOp, _ operands: [ValueID]) {
    var operation = program.operations[position]
    operation.op = op
    operation.operands = operands
    replace(position, with: [operation])
  }

  /// Takes an operation away whose results nobody reads or which have been renamed.
  mutating func remove(_ position: Int) { replace(position, with: []) }

  /// Lets every reader of `old` read `new`.
  mutating func rename(_ old: ValueID, to new: ValueID) {
    renamed[old.index] = new
    changed = true
  }

  /// Takes an operation away whose only result is `value` under another name.
  mutating func forward(_ position: Int, to value: ValueID) {
    rename(program.operations[position].results[0], to: value)
    remove(position)
  }

  /// The program after the sweep.
  func finish() -> Program {
    guard changed else { return program }
    func resolve(_ value: ValueID) -> ValueID {
      var value = value
      while let next = renamed[value.index] { value = next }
      return value
    }
    var result = program
    result.operations = []
    result.operations.reserveCapacity(program.operations.count)
    for (position, original) in program.operations.enumerated() {
      for var operation in outcomes[position] ?? [original] {
        operation.operands = operation.operands.map(resolve)
        result.operations.append(operation)
      }
    }
    for index in result.outputs.indices { result.outputs[index].value = resolve(result.outputs[index].value) }
    return result
  }
}

extension Pass {
  /// Sweeps over a program until nothing changes any more. `visit` is called for every operation that has not been
  /// rewritten in the sweep.
  func sweep(_ program: inout Program, _ visit: (inout Rewriter, Int) -> Void) -> Bool {
    var changed = false
    // Every sweep makes the program smaller or simpler; the bound only guards against a defect.
    for _ in 0..<1000 {
      var rewriter = Rewriter(program)
      for position in program.operations.indices where !rewriter.isRewritten(position) { visit(&rewriter, position) }
      guard rewriter.changed else { break }
      program = rewriter.finish()
      changed = true
    }
    return changed
  }
}
