/// Builds a program operation by operation.
///
/// Misuse (wrong shapes, unknown values) is a defect of the caller, not of a spec, which has been checked before; it
/// traps with the operation that was being built.
public final class ProgramBuilder {
  /// The program so far.
  public private(set) var program: Program
  private var scopes: [String] = []
  private var symbolValues: [String: ValueID] = [:]

  /// A builder of an empty program.
  public init(name: String) { program = Program(name: name) }

  /// A builder that continues a program.
  public init(continuing program: Program) {
    self.program = program
    for use in program.symbols { symbolValues[use.symbol.name] = use.value }
  }

  /// The type of a value.
  public func type(of value: ValueID) -> TensorType { program.type(of: value) }

  /// The extents of a value.
  public func shape(of value: ValueID) -> [Int] { program.type(of: value).shape }

  /// The scope of operations emitted now.
  public var scope: String { scopes.joined(separator: ".") }

  /// Emits operations under a named part of the model.
  public func scoped<R>(_ name: String, _ body: () throws -> R) rethrows -> R {
    scopes.append(name)
    defer { scopes.removeLast() }
    return try body()
  }

  /// Emits operations under exactly the given scope, whatever the current one is.
  public func withScope<R>(_ path: String, _ body: () throws -> R) rethrows -> R {
    let saved = scopes
    scopes = path.isEmpty ? [] : [path]
    defer { scopes = saved }
    return try body()
  }

  /// Adds a program input.
  public func input(_ name: String, _ type: TensorType) -> ValueID { program.addInput(name, type) }

  /// The value that stands for a symbol; declared on first use. Two declarations of one name must agree.
  public func symbol(_ symbol: Symbol) -> ValueID {
    if let value = symbolValues[symbol.name] {
      precondition(program.symbol(of: value) == symbol, "symbol @\(symbol.name) is declared twice, differently")
      return value
    }
    let value = program.addSymbol(symbol)
    symbolValues[symbol.name] = value
    return value
  }

  /// A trained parameter, named under the current scope.
  public func parameter(_ name: String, _ shape: [Int], _ initializer: Initializer) -> ValueID {
    let path = scopes.isEmpty ? name : scope + "." + name
    return symbol(Symbol(name: path, type: TensorType(.f32, shape), role: .parameter, initializer: initializer))
  }

  /// Emits an operation and returns its results.
  @discardableResult
  public func emit(_ op: any Op, _ operands: [ValueID]) -> [ValueID] {
    do {
      let results = try op.resultTypes(program.types(of: operands)).map { program.makeResult($0) }
      program.operations.append(Operation(op: op, operands: operands, results: results, scope: scope))
      return results
    } catch {
      let types = program.types(of: operands).map(\.description).joined(separator: ", ")
      preconditionFailure("\(program.name) \(scope): \(op.mnemonic)(\(types)) \(op.attributeText): \(error)")
    }
  }

  /// Emits an operation with one result.
  public func emitOne(_ op: any Op, _ operands: ValueID...) -> ValueID { emit(op, operands)[0] }

  /// Declares an output.
  public func output(_ name: String, _ value: ValueID) { program.outputs.append(ProgramPort(name: name, value: value)) }
}
