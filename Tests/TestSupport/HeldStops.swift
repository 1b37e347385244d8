import IR
import Ops

extension Program {
  /// The program with the results of every `stop_gradient` and every choice of code held at what they are for given
  /// contents, as inputs of their own.
  ///
  /// Reverse mode treats both as constants, which the program itself is not: the straight-through estimator is no
  /// derivative. Finite differences of the held program are what reverse mode must give for the original.
  public func holdingStops(
    inputs: [String: Tensor], symbols: [String: Tensor]
  ) throws -> (program: Program, inputs: [String: Tensor]) {
    var probe = self
    probe.outputs = []
    let builder = ProgramBuilder(name: name)
    var renamed: [ValueID: ValueID] = [:]
    for port in self.inputs { renamed[port.value] = builder.input(port.name, type(of: port.value)) }
    for use in self.symbols { renamed[use.value] = builder.symbol(use.symbol) }
    for operation in operations {
      switch operation.opCase {
      case .stopGradient, .nearestCode:
        let held = "held \(probe.outputs.count)"
        probe.outputs.append(ProgramPort(name: held, value: operation.results[0]))
        renamed[operation.results[0]] = builder.input(held, type(of: operation.results[0]))
      default:
        let results = builder.emit(operation.op, operation.operands.compactMap { renamed[$0] })
        for (old, new) in zip(operation.results, results) { renamed[old] = new }
      }
    }
    for port in outputs { if let value = renamed[port.value] { builder.output(port.name, value) } }
    var contents = symbols
    let held = try ReferenceInterpreter.run(probe, inputs: inputs, symbols: &contents)
    return (builder.program, inputs.merging(held) { given, _ in given })
  }
}
