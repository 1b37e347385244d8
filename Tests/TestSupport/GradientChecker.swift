import Autodiff
import IR
import Ops

/// The gradients of one program against finite differences.
public struct GradientReport: Sendable, CustomStringConvertible {
  /// The gradient of one target.
  public struct Target: Sendable {
    /// Its name, with `@` for a symbol.
    public var name: String
    /// The gradient against the differences.
    public var comparison: Comparison
    /// Largest magnitude of a gradient element: a check of zeros against zeros proves nothing.
    public var largestGradient: Double
  }

  /// The targets in order.
  public var targets: [Target]
  /// Whether every gradient agrees.
  public var passes: Bool { targets.allSatisfy { $0.comparison.passes } }
  /// One line per target that fails, or "agrees".
  public var description: String {
    let failures = targets.filter { !$0.comparison.passes }.map { "\($0.name): \($0.comparison)" }
    return failures.isEmpty ? "agrees" : failures.joined(separator: "\n")
  }
}

/// Differentiates a program in reverse mode, runs the gradients in the reference interpreter and compares them with
/// central differences of the program itself, all in double precision. The scalar that is differentiated is the sum of
/// all real outputs, each weighted element by element with fixed random numbers.
public struct GradientChecker: Sendable {
  /// What counts as agreement.
  public var tolerance = Tolerance(absolute: 1e-7, relative: 1e-6)
  /// Distance between the points of the five-point difference; its error grows with the fourth power.
  public var step = 3e-4
  /// Most elements compared per target, spread evenly; all by default.
  public var elementLimit = Int.max
  /// Seed of the weights.
  public var seed = 1

  /// A checker with the default tolerance.
  public init() {}

  /// Checks a program with respect to inputs (`name`) and symbols (`@name`).
  ///
  /// - Parameters:
  ///   - program: A program whose real outputs depend on the targets.
  ///   - targets: Names of f32 inputs and symbols; all f32 inputs and all parameters where nil.
  ///   - inputs: One tensor per input.
  ///   - symbols: One tensor per symbol.
  public func check(
    _ program: Program, withRespectTo targets: [String]? = nil, inputs: [String: Tensor],
    symbols: [String: Tensor] = [:]
  ) throws -> GradientReport {
    var names: [String: ValueID] = [:]
    var order: [String] = []
    for port in program.inputs where program.type(of: port.value).dtype == .f32 {
      names[port.name] = port.value
      order.append(port.name)
    }
    for use in program.symbols where use.symbol.type.dtype == .f32 {
      names["@" + use.symbol.name] = use.value
      if use.symbol.role == .parameter { order.append("@" + use.symbol.name) }
    }
    let chosen = try (targets ?? order).map { name in
      guard let value = names[name] else {
        throw ReferenceError("\(name) is no real input or symbol")
      }
      return (name: name, value: value)
    }

    var random = RandomTensors(seed: seed)
    var forwardInputs = inputs
    let builder = ProgramBuilder(continuing: program)
    let loss = try weightedSum(of: program, in: builder, &forwardInputs, &random)
    var forward = builder.program
    forward.outputs = [ProgramPort(name: "loss", value: loss)]
    let gradients = try ReverseMode.gradients(
      of: loss, withRespectTo: chosen.map(\.value), in: builder)
    var backward = builder.program
    backward.outputs = zip(chosen, gradients).map { ProgramPort(name: $0.name, value: $1) }
    try backward.verify()

    var state = symbols
    let found = try ReferenceInterpreter.run(backward, inputs: forwardInputs, symbols: &state)
    var report = GradientReport(targets: [])
    for (name, _) in chosen {
      guard let gradient = found[name] else { throw ReferenceError("no gradient of \(name)") }
      let expected = try differences(forward, name, gradient, forwardInputs, symbols)
      report.targets.append(
        .init(
          name: name, comparison: compare(gradient, to: expected, tolerance),
          largestGradient: gradient.reals.map { abs($0) }.max() ?? 0))
    }
    return report
  }

  /// Builds a program from a closure and checks it with respect to all f32 inputs.
  ///
  /// - Parameters:
  ///   - inputs: Names and contents of the inputs.
  ///   - build: Emits the program and returns its outputs.
  public func check(
    inputs: [(name: String, tensor: Tensor)], build: (ProgramBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> GradientReport {
    let builder = ProgramBuilder(name: "checked")
    let values = inputs.map { builder.input($0.name, $0.tensor.type) }
    for (index, output) in try build(builder, values).enumerated() {
      builder.output("output\(index)", output)
    }
    let contents = Dictionary(uniqueKeysWithValues: inputs.map { ($0.name, $0.tensor) })
    return try check(builder.program, inputs: contents)
  }

  private func weightedSum(
    of program: Program, in builder: ProgramBuilder, _ inputs: inout [String: Tensor],
    _ random: inout RandomTensors
  ) throws -> ValueID {
    var loss: ValueID?
    for port in program.outputs where program.type(of: port.value).dtype == .f32 {
      let type = program.type(of: port.value)
      let name = "weights of \(port.name)"
      inputs[name] = random.tensor(type, .awayFromZero)
      var term = builder.mul(port.value, builder.input(name, type))
      if type.rank > 0 { term = builder.emitOne(ReduceSum(start: 0, end: type.rank), term) }
      loss = loss.map { builder.add($0, term) } ?? term
    }
    guard let loss else { throw ReferenceError("@\(program.name) has no real output") }
    return loss
  }

  /// The five-point differences of the elements that are compared; elsewhere the gradient itself.
  private func differences(
    _ forward: Program, _ name: String, _ gradient: Tensor, _ inputs: [String: Tensor],
    _ symbols: [String: Tensor]
  ) throws -> Tensor {
    let isSymbol = name.hasPrefix("@")
    let key = isSymbol ? String(name.dropFirst()) : name
    func loss(_ element: Int, _ offset: Double) throws -> Double {
      var (inputs, symbols) = (inputs, symbols)
      if isSymbol {
        symbols[key]?.reals[element] += offset
      } else {
        inputs[key]?.reals[element] += offset
      }
      guard
        let loss = try ReferenceInterpreter.run(forward, inputs: inputs, symbols: &symbols)["loss"]
      else {
        throw ReferenceError("the loss is missing")
      }
      return loss.reals[0]
    }
    var expected = gradient
    let stride = (gradient.reals.count - 1) / max(1, elementLimit) + 1
    for element in Swift.stride(from: 0, to: gradient.reals.count, by: stride) {
      let near = try loss(element, step) - loss(element, -step)
      let far = try loss(element, 2 * step) - loss(element, -2 * step)
      expected.reals[element] = (8 * near - far) / (12 * step)
    }
    return expected
  }
}
