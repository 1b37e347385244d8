import IR
import Ops

/// A program divided into what follows from weights alone and the rest.
public struct PreparedProgram: Sendable {
  /// Runs every time. Reads what `setup` computes as symbols of role `derived`.
  public var main: Program
  /// Run once whenever weights have changed: no inputs, and one output, the value of the derived symbol of its name. None
  /// where nothing follows from weights alone.
  public var setup: [Program]

  /// A program and what must run before it.
  public init(main: Program, setup: [Program] = []) {
    self.main = main
    self.setup = setup
  }
}

/// Moves operations on weights alone out of a program, so that inference does not repeat them: l2-normalised codebooks,
/// for instance. Weights that the program itself updates are left alone, which makes this do nothing to training.
///
/// A derived symbol's name follows from how it is computed, so programs that need the same value share it.
public enum WeightHoisting {
  enum Origin {
    /// Constants alone.
    case free
    /// Weights, and perhaps constants.
    case weights
    /// Anything else.
    case run
  }

  /// Divides a program that computes nothing twice, as `CommonSubexpressions` leaves it: of two equal computations both
  /// would be kept under one name.
  public static func split(_ program: Program) -> PreparedProgram {
    // What nobody reads must not be kept: the rest of the program would have no place for it.
    var program = program
    _ = DeadCode().run(on: &program)
    let origins = origins(program)
    let producers = producers(program)
    // Values to keep: computed from weights by an operation that moves something, read by the rest of the program.
    var kept: [ValueID] = []
    var isKept = Set<ValueID>()
    func keep(_ value: ValueID) {
      guard origins[value.index] == .weights, let position = producers[value.index] else { return }
      let operation = program.operations[position]
      guard operation.results.count == 1 else { return }
      switch operation.opCase {
      case .reshape, .stopGradient, .broadcast, .slice:
        // Renaming and repeating cost nothing worth storing, so they stay; what they read may move.
        for operand in operation.operands { keep(operand) }
      default: if isKept.insert(value).inserted { kept.append(value) }
      }
    }
    for operation in program.operations where !operation.results.contains(where: { origins[$0.index] != .run }) {
      for operand in operation.operands { keep(operand) }
    }
    for port in program.outputs { keep(port.value) }
    guard !kept.isEmpty else { return PreparedProgram(main: program) }

    let names = kept.map { name(of: $0, program, producers) }
    precondition(Set(names).count == names.count, "@\(program.name): two computations share a name of \(names)")
    return PreparedProgram(
      main: main(program, reading: Array(zip(kept, names))),
      setup: zip(kept, names).map { setup(program, computing: $0, name: $1) })
  }

  /// By value: what it follows from.
  static func origins(_ program: Program) -> [Origin] {
    var origins = [Origin](repeating: .run, count: program.values.count)
    for use in program.symbols where use.symbol.role != .state { origins[use.value.index] = .weights }
    for operation in program.operations {
      for index in operation.op.mutatedOperands { origins[operation.operands[index].index] = .run }
    }
    for operation in program.operations where operation.op.mutatedOperands.isEmpty {
      let operands = operation.operands.map { origins[$0.index] }
      if operands.contains(.run) { continue }
      for result in operation.results { origins[result.index] = operands.contains(.weights) ? .weights : .free }
    }
    return origins
  }

  private static func producers(_ program: Program) -> [Int?] {
    var producers = [Int?](repeating: nil, count: program.values.count)
    for (position, operation) in program.operations.enumerated() {
      for result in operation.results { producers[result.index] = position }
    }
    return producers
  }

  /// `derived.<first weight>.<op>.<hash of the whole expression>`.
  private static func name(of value: ValueID, _ program: Program, _ producers: [Int?]) -> String {
    var first: String?
    func expression(_ value: ValueID) -> String {
      if let symbol = program.symbol(of: value) {
        first = first ?? symbol.name
        return "@\(symbol.name) : \(symbol.type)"
      }
      guard let position = producers[value.index] else { return "?" }
      let operation = program.operations[position]
      let result = operation.results.firstIndex(of: value) ?? 0
      let operands = operation.operands.map(expression).joined(separator: ", ")
      return "\(operation.op.mnemonic)#\(result)(\(operands)) \(operation.op.attributeText)"
    }
    let text = expression(value)
    // FNV-1a: the same on every machine.
    let hash = text.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    let mnemonic = producers[value.index].map { program.operations[$0].op.mnemonic } ?? ""
    return "derived.\(first ?? "").\(mnemonic).h\(String(hash, radix: 16))"
  }

  /// The program with derived symbols in the place of what is computed from weights.
  private static func main(_ program: Program, reading kept: [(value: ValueID, name: String)]) -> Program {
    var result = program
    for (value, name) in kept {
      result.replaceResult(
        value, with: Symbol(name: name, type: program.type(of: value), role: .derived, initializer: .zeros))
    }
    let replaced = Set(kept.map(\.value))
    result.operations.removeAll { !$0.results.isEmpty && $0.results.allSatisfy(replaced.contains) }
    return result.withoutUnusedWork()
  }

  /// The program that computes a derived symbol.
  private static func setup(_ program: Program, computing value: ValueID, name: String) -> Program {
    var result = program
    result.name = program.name + ".setup"
    result.outputs = [ProgramPort(name: name, value: value)]
    result.inputs = []
    // Updates count as used whatever their results; none belongs to the setup.
    result.operations.removeAll { !$0.op.mutatedOperands.isEmpty }
    return result.withoutUnusedWork()
  }
}

extension Program {
  /// The program without dead code and without symbols that nothing reads.
  fileprivate func withoutUnusedWork() -> Program {
    var live = self
    _ = DeadCode().run(on: &live)
    var needed = [Bool](repeating: false, count: values.count)
    for value in live.operations.flatMap(\.operands) + outputs.map(\.value) { needed[value.index] = true }
    // Values are numbered anew: an input or symbol that is gone must leave no trace.
    var result = Program(name: name)
    var numbers = [ValueID?](repeating: nil, count: values.count)
    for port in inputs { numbers[port.value.index] = result.addInput(port.name, type(of: port.value)) }
    for use in symbols where needed[use.value.index] { numbers[use.value.index] = result.addSymbol(use.symbol) }
    func number(_ value: ValueID) -> ValueID {
      guard let number = numbers[value.index] else { preconditionFailure("@\(name): a value without a definition") }
      return number
    }
    for operation in live.operations {
      var copy = operation
      copy.operands = operation.operands.map(number)
      copy.results = operation.results.map { result.makeResult(type(of: $0)) }
      for (old, new) in zip(operation.results, copy.results) { numbers[old.index] = new }
      result.operations.append(copy)
    }
    result.outputs = outputs.map { ProgramPort(name: $0.name, value: number($0.value)) }
    return result
  }
}
