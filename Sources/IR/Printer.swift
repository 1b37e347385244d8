/// Prints programs in the textual form that `ProgramParser` reads back.
public struct ProgramPrinter {
  /// Whether operations carry their scope (`in "encoder.mid.0"`).
  public var showsScopes: Bool

  /// A printer.
  public init(showsScopes: Bool = false) { self.showsScopes = showsScopes }

  /// The text of a program. Results are numbered in order of definition.
  public func print(_ program: Program) -> String {
    var names = [String](repeating: "?", count: program.values.count)
    for port in program.inputs { names[port.value.index] = "%\(port.name)" }
    for use in program.symbols { names[use.value.index] = "@\(use.symbol.name)" }
    var next = 0
    for operation in program.operations {
      for result in operation.results {
        names[result.index] = "%\(next)"
        next += 1
      }
    }
    var text = ""
    for use in program.symbols {
      let symbol = use.symbol
      text += "\(symbol.role.rawValue) @\(symbol.name) : \(symbol.type) = \(symbol.initializer.text)\n"
    }
    let inputs = program.inputs.map { "%\($0.name): \(program.type(of: $0.value))" }.joined(separator: ", ")
    let outputs = program.outputs.map { "\($0.name): \(program.type(of: $0.value))" }.joined(separator: ", ")
    text += "program @\(program.name)(\(inputs)) -> (\(outputs)) {\n"
    for operation in program.operations { text += "  " + line(operation, program, names) + "\n" }
    let returned = program.outputs.map { names[$0.value.index] }.joined(separator: ", ")
    text += returned.isEmpty ? "  return\n}\n" : "  return \(returned)\n}\n"
    return text
  }

  private func line(_ operation: Operation, _ program: Program, _ names: [String]) -> String {
    var text = operation.results.map { names[$0.index] }.joined(separator: ", ")
    if !text.isEmpty { text += " = " }
    let mutated = operation.op.mutatedOperands
    let operands = operation.operands.enumerated().map { position, value in
      (mutated.contains(position) ? "&" : "") + names[value.index]
    }
    text += "\(operation.op.mnemonic)(\(operands.joined(separator: ", ")))"
    let attributes = operation.op.attributeText
    if !attributes.isEmpty { text += " " + attributes }
    if !operation.results.isEmpty {
      text += " : " + operation.results.map { program.type(of: $0).description }.joined(separator: ", ")
    }
    if showsScopes && !operation.scope.isEmpty { text += " in \"\(operation.scope)\"" }
    return text
  }
}

extension Initializer {
  /// The textual form, for example `normal(0.02)`.
  public var text: String {
    switch self {
    case .zeros: return "zeros"
    case .ones: return "ones"
    case .normal(let deviation): return "normal(\(Attribute.real(deviation).text))"
    case .normalAround(let mean, let deviation):
      return "normal_around(\(Attribute.real(mean).text), \(Attribute.real(deviation).text))"
    case .lattice(let levels): return "lattice(\(Attribute.ints(levels).text))"
    case .uniform(let bound): return "uniform(\(Attribute.real(bound).text))"
    case .unitRows(let bound): return "unit_rows(\(Attribute.real(bound).text))"
    case .rotary2D(let grid, let base): return "rotary_2d(\(grid), \(Attribute.real(base).text))"
    case .copy(let source): return "copy(@\(source))"
    case .narrowed(let source, let narrowing): return "narrowed(@\(source), \(narrowing.rawValue))"
    }
  }
}
