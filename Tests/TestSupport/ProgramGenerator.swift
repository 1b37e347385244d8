import IR
import Ops

/// Grows a random program one accepted operation at a time; see `RandomProgram`.
struct ProgramGenerator {
  var random: RandomTensors
  let builder: ProgramBuilder
  /// What each value is when the program runs.
  private(set) var contents: [ValueID: Tensor] = [:]
  /// Real values that operations may take.
  private(set) var pool: [ValueID] = []
  private var used: Set<ValueID> = []
  private var inputs: [String: Tensor] = [:]
  private var symbols: [String: Tensor] = [:]
  private var key: ValueID?

  private static let largestElement = 8.0
  private static let largestCount = 240

  init(seed: Int) {
    random = RandomTensors(seed: seed)
    builder = ProgramBuilder(name: "random\(seed)")
  }

  mutating func generate(operationCount: ClosedRange<Int>) -> RandomProgram {
    addInputs()
    let wanted = integer(in: operationCount)
    var attempts = 0
    while builder.program.operations.count < wanted, attempts < 100 * wanted {
      attempts += 1
      builder.withScope("part\(builder.program.operations.count / 8)") { grow() }
    }
    addLoss()
    let program = builder.program.withoutUnusedNames
    return RandomProgram(
      program: program,
      inputs: inputs.filter { name, _ in program.inputs.contains { $0.name == name } },
      symbols: symbols.filter { name, _ in program.symbols.contains { $0.symbol.name == name } })
  }

  private mutating func addInputs() {
    for index in 0..<integer(in: 1...3) {
      let rank = index == 0 ? 4 : integer(in: 1...4)
      var shape = (0..<rank).map { _ in integer(in: 2...4) }
      if rank == 4 { shape[0] = integer(in: 1...2) }
      let type = TensorType(.f32, shape)
      pool.append(addInput("x\(index)", random.tensor(type, chance(0.5) ? .awayFromZero : .signed)))
    }
  }

  private mutating func addInput(_ name: String, _ tensor: Tensor) -> ValueID {
    let value = builder.input(name, tensor.type)
    inputs[name] = tensor
    contents[value] = tensor
    return value
  }

  /// The sum of mean squares of what is left over; older leftovers stay unused, as dead code.
  private mutating func addLoss() {
    let leaves = pool.filter { !used.contains($0) }
    for (index, value) in leaves.suffix(2).enumerated() where chance(0.3) {
      builder.output("y\(index)", value)
    }
    builder.withScope("loss") {
      var loss: ValueID?
      for leaf in leaves.suffix(5) where leaf == leaves.last || chance(0.8) {
        let term = builder.mean(builder.unary(.square, builder.affine(leaf, scale: 1, offset: 0.25)))
        loss = loss.map { builder.add($0, term) } ?? term
      }
      // The last value grown is always unused, so there is a leaf.
      builder.output("loss", loss ?? builder.scalar(0))
    }
  }

  // MARK: Choices

  mutating func integer(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func chance(_ probability: Double) -> Bool { random.unit() < probability }

  mutating func pick<C: Collection>(_ choices: C) -> C.Element? { choices.randomElement(using: &random) }

  /// A value that satisfies a condition; often a recent or unused one, so that programs grow deep and few leaves remain.
  mutating func value(where condition: (TensorType) -> Bool = { _ in true }) -> ValueID? {
    let fitting = pool.filter { condition(builder.type(of: $0)) }
    if chance(0.5), let unused = pick(fitting.filter { !used.contains($0) }) { return unused }
    return chance(0.5) ? pick(fitting.suffix(3)) : pick(fitting)
  }

  func shape(_ value: ValueID) -> [Int] { builder.shape(of: value) }

  // MARK: Growth

  /// A parameter of a shape; sometimes one that exists, so that weights are shared.
  mutating func parameter(_ shape: [Int], _ range: ElementRange = .signed) -> ValueID {
    let existing = builder.program.symbols.filter { $0.symbol.role == .parameter && $0.symbol.type.shape == shape }
    if let shared = pick(existing), chance(0.3) { return shared.value }
    return addSymbol(
      Symbol(
        name: "w\(symbols.count)", type: TensorType(.f32, shape), role: .parameter,
        initializer: .normal(deviation: 0.5)), random.tensor(TensorType(.f32, shape), range))
  }

  mutating func addSymbol(_ symbol: Symbol, _ tensor: Tensor) -> ValueID {
    symbols[symbol.name] = tensor
    let value = builder.symbol(symbol)
    contents[value] = tensor
    return value
  }

  /// An i32 input with elements below a bound.
  mutating func indices(_ shape: [Int], below bound: Int) -> ValueID {
    addInput("i\(inputs.count)", random.tensor(TensorType(.i32, shape), .integers(0..<bound)))
  }

  /// The (seed, step) input, shared by all random ops.
  mutating func randomKey() -> ValueID {
    if let key { return key }
    let made = addInput("key", random.tensor(.i32(2), .integers(0..<100)))
    key = made
    return made
  }

  /// Emits an operation if its results are moderate; its first result joins the pool.
  @discardableResult
  mutating func attempt(_ op: any FacetOp, _ operands: ValueID...) -> ValueID? { attempt(op, operands) }

  mutating func attempt(_ op: any FacetOp, _ operands: [ValueID]) -> ValueID? {
    let tensors = operands.compactMap { contents[$0] }
    guard let types = try? op.resultTypes(tensors.map(\.type)),
      types.allSatisfy({ $0.count <= Self.largestCount }),
      Conditioning.isSafe(op.opCase, tensors),
      let evaluation = try? ReferenceInterpreter.evaluate(op.opCase, tensors, results: types),
      evaluation.results.allSatisfy({ $0.reals.allSatisfy { abs($0) <= Self.largestElement } })
    else { return nil }
    let results = builder.emit(op, operands)
    for (result, tensor) in zip(results, evaluation.results) { contents[result] = tensor }
    used.formUnion(operands)
    pool.append(results[0])
    return results[0]
  }
}

extension Program {
  /// The program without the inputs and symbols that no operation names: those of operations that were rejected.
  fileprivate var withoutUnusedNames: Program {
    let named = Set(operations.flatMap(\.operands))
    let builder = ProgramBuilder(name: name)
    var renamed: [ValueID: ValueID] = [:]
    for port in inputs where named.contains(port.value) {
      renamed[port.value] = builder.input(port.name, type(of: port.value))
    }
    for use in symbols where named.contains(use.value) { renamed[use.value] = builder.symbol(use.symbol) }
    for operation in operations {
      builder.withScope(operation.scope) {
        let results = builder.emit(operation.op, operation.operands.compactMap { renamed[$0] })
        for (old, new) in zip(operation.results, results) { renamed[old] = new }
      }
    }
    for port in outputs { if let value = renamed[port.value] { builder.output(port.name, value) } }
    return builder.program
  }
}

/// Whether an operation is far enough from kinks and poles for differences of it to be meaningful.
enum Conditioning {
  static func isSafe(_ op: OpCase, _ operands: [Tensor]) -> Bool {
    func all(_ index: Int, _ condition: (Double) -> Bool) -> Bool { operands[index].reals.allSatisfy(condition) }
    switch op {
    case .unary(let op):
      switch op.function {
      case .absolute, .relu: return all(0) { abs($0) > 0.05 }
      case .sqrt, .rsqrt, .log: return all(0) { $0 > 0.2 }
      case .reciprocal: return all(0) { abs($0) > 0.2 }
      case .negate, .square, .exp, .sigmoid, .tanh, .silu, .gelu: return true
      }
    case .binary(let op): return op.function != .divide || all(1) { abs($0) > 0.2 }
    case .layerNorm, .rmsNorm, .l2Normalize, .groupNorm:
      return spreads(operands[0], width: operands[0].type.lastExtent).allSatisfy { $0 > 0.01 }
    default: return true
    }
  }

  /// The variance of each run of `width` elements.
  private static func spreads(_ x: Tensor, width: Int) -> [Double] {
    stride(from: 0, to: x.reals.count, by: width).map { start in
      let row = x.reals[start..<start + width]
      let mean = row.reduce(0, +) / Double(width)
      return row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
    }
  }
}
