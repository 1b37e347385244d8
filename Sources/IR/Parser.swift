/// A syntax or type error in IR text.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Line, counted from 1.
  public var line: Int
  /// Column, counted from 1.
  public var column: Int
  /// What was expected.
  public var message: String
  /// `line:column: message`.
  public var description: String { "\(line):\(column): \(message)" }
}

/// Reads the textual form written by `ProgramPrinter`.
public struct ProgramParser {
  private var lexer: Lexer
  private let registry: OpRegistry

  /// Parses one program; comments run from `//` to the end of the line.
  public static func parse(_ text: String, registry: OpRegistry) throws(ParseError) -> Program {
    var parser = ProgramParser(lexer: try Lexer(text), registry: registry)
    return try parser.program()
  }

  private mutating func program() throws(ParseError) -> Program {
    var symbols: [Symbol] = []
    while let role = SymbolRole(rawValue: lexer.peek.text) {
      lexer.advance()
      symbols.append(try symbol(role))
    }
    try lexer.expect("program")
    var result = Program(name: try lexer.name(after: "@"))
    var names: [String: ValueID] = [:]
    for symbol in symbols { names["@" + symbol.name] = result.addSymbol(symbol) }
    try lexer.expect("(")
    while !lexer.take(")") {
      let name = try lexer.name(after: "%")
      try lexer.expect(":")
      names["%" + name] = result.addInput(name, try type())
      if !lexer.take(",") && lexer.peek.text != ")" { throw lexer.error("expected , or )") }
    }
    try lexer.expect("->")
    try lexer.expect("(")
    var outputs: [(name: String, type: TensorType)] = []
    while !lexer.take(")") {
      let name = lexer.next().text
      try lexer.expect(":")
      outputs.append((name, try type()))
      if !lexer.take(",") && lexer.peek.text != ")" { throw lexer.error("expected , or )") }
    }
    try lexer.expect("{")
    while lexer.peek.text != "return" { try operation(&result, &names) }
    lexer.advance()
    for (index, output) in outputs.enumerated() {
      if index > 0 { try lexer.expect(",") }
      let value = try operand(names)
      guard result.type(of: value) == output.type else { throw lexer.error("output \(output.name) has another type") }
      result.outputs.append(ProgramPort(name: output.name, value: value))
    }
    try lexer.expect("}")
    guard lexer.peek.text.isEmpty else { throw lexer.error("expected the end of the text") }
    do { try result.verify() } catch { throw lexer.error("\(error)") }
    return result
  }

  private mutating func symbol(_ role: SymbolRole) throws(ParseError) -> Symbol {
    let name = try lexer.name(after: "@")
    try lexer.expect(":")
    let type = try type()
    try lexer.expect("=")
    return Symbol(name: name, type: type, role: role, initializer: try initializer())
  }

  private mutating func initializer() throws(ParseError) -> Initializer {
    let kind = lexer.next().text
    if kind == "zeros" { return .zeros }
    if kind == "ones" { return .ones }
    try lexer.expect("(")
    let result: Initializer
    switch kind {
    case "normal": result = .normal(deviation: try lexer.real())
    case "normal_around":
      let mean = try lexer.real()
      try lexer.expect(",")
      result = .normalAround(mean: mean, deviation: try lexer.real())
    case "lattice": result = .lattice(levels: try integers())
    case "uniform": result = .uniform(bound: try lexer.real())
    case "unit_rows": result = .unitRows(bound: try lexer.real())
    case "rotary_2d":
      let grid = try lexer.integer()
      try lexer.expect(",")
      result = .rotary2D(grid: grid, base: try lexer.real())
    case "copy": result = .copy(of: try lexer.name(after: "@"))
    case "narrowed":
      let source = try lexer.name(after: "@")
      try lexer.expect(",")
      guard let narrowing = Narrowing(rawValue: lexer.peek.text) else {
        throw lexer.error("expected one of \(Narrowing.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      lexer.advance()
      result = .narrowed(from: source, narrowing)
    default: throw lexer.error("unknown initializer '\(kind)'")
    }
    try lexer.expect(")")
    return result
  }

  private mutating func type() throws(ParseError) -> TensorType {
    guard let dtype = DType(rawValue: lexer.peek.text) else { throw lexer.error("expected an element type") }
    lexer.advance()
    let type = TensorType(dtype, try integers())
    if let problem = type.problem { throw lexer.error(problem) }
    return type
  }

  private mutating func integers() throws(ParseError) -> [Int] {
    try lexer.expect("[")
    var values: [Int] = []
    while !lexer.take("]") {
      values.append(try lexer.integer())
      if !lexer.take(",") && lexer.peek.text != "]" { throw lexer.error("expected , or ]") }
    }
    return values
  }

  private mutating func operand(_ names: [String: ValueID]) throws(ParseError) -> ValueID {
    let sigil = lexer.peek.text
    let name = sigil + (try lexer.name(after: sigil == "@" ? "@" : "%"))
    guard let value = names[name] else { throw lexer.error("\(name) is not defined") }
    return value
  }

  private mutating func operation(
    _ program: inout Program, _ names: inout [String: ValueID]
  ) throws(ParseError) {
    var resultNames: [String] = []
    if lexer.peek.text == "%" {
      repeat { resultNames.append("%" + (try lexer.name(after: "%"))) } while lexer.take(",")
      try lexer.expect("=")
    }
    let mnemonic = lexer.next().text
    try lexer.expect("(")
    var operands: [ValueID] = []
    var mutated: [Int] = []
    while !lexer.take(")") {
      if lexer.take("&") { mutated.append(operands.count) }
      operands.append(try operand(names))
      if !lexer.take(",") && lexer.peek.text != ")" { throw lexer.error("expected , or )") }
    }
    let attributes = try attributes()
    let op: any Op
    let types: [TensorType]
    do {
      op = try registry.make(mnemonic, attributes)
      types = try op.resultTypes(program.types(of: operands))
    } catch { throw lexer.error("\(mnemonic): \(error)") }
    guard mutated == op.mutatedOperands.sorted() else {
      throw lexer.error("\(mnemonic) updates operands \(op.mutatedOperands) in place; mark them with &")
    }
    guard types.count == resultNames.count else {
      throw lexer.error("\(mnemonic) has \(types.count) results, \(resultNames.count) are named")
    }
    if !types.isEmpty {
      try lexer.expect(":")
      for (index, expected) in types.enumerated() {
        if index > 0 { try lexer.expect(",") }
        let written = try type()
        guard written == expected else { throw lexer.error("\(mnemonic): the shape rule gives \(expected)") }
      }
    }
    var scope = ""
    if lexer.take("in") { scope = lexer.next().text }
    let results = types.map { program.makeResult($0) }
    for (name, value) in zip(resultNames, results) { names[name] = value }
    program.operations.append(Operation(op: op, operands: operands, results: results, scope: scope))
  }

  private mutating func attributes() throws(ParseError) -> [String: Attribute] {
    var result: [String: Attribute] = [:]
    guard lexer.take("{") else { return result }
    while !lexer.take("}") {
      let name = lexer.next().text
      try lexer.expect("=")
      let text = lexer.peek.text
      let value: Attribute
      if text == "[" {
        value = .ints(try integers())
      } else if text == "true" || text == "false" {
        value = .bool(text == "true")
        lexer.advance()
      } else if Int(text) != nil {
        value = .int(try lexer.integer())
      } else if let real = Float(text) {
        value = .real(real)
        lexer.advance()
      } else {
        value = .word(text)
        lexer.advance()
      }
      guard result.updateValue(value, forKey: name) == nil else { throw lexer.error("'\(name)' is given twice") }
      if !lexer.take(",") && lexer.peek.text != "}" { throw lexer.error("expected , or }") }
    }
    return result
  }
}
