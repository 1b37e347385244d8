/// Identity of a value inside one program.
public struct ValueID: Hashable, Sendable, Comparable {
  /// Position in `Program.values`.
  public let index: Int

  package init(index: Int) { self.index = index }

  /// Order of creation.
  public static func < (lhs: ValueID, rhs: ValueID) -> Bool { lhs.index < rhs.index }
}

/// Where a value comes from.
public enum ValueOrigin: Hashable, Sendable {
  /// The program's input at this position.
  case input(Int)
  /// The storage of the symbol at this position of `Program.symbols`.
  case symbol(Int)
  /// A result of an operation.
  case result
}

/// A value's type and origin.
public struct Value: Hashable, Sendable {
  /// Its type.
  public var type: TensorType
  /// Its origin.
  public var origin: ValueOrigin
}

/// One application of an op.
public struct Operation: Sendable {
  /// The op and its attributes.
  public var op: any Op
  /// Values read; those listed by `Op.mutatedOperands` are symbols updated in place.
  public var operands: [ValueID]
  /// Values defined.
  public var results: [ValueID]
  /// Dotted path of the part of the model that this belongs to, for example `encoder.mid.0`; `+gradient` ends the path
  /// of an operation made by differentiation.
  public var scope: String

  /// An application of `op`.
  public init(op: any Op, operands: [ValueID], results: [ValueID], scope: String) {
    self.op = op
    self.operands = operands
    self.results = results
    self.scope = scope
  }
}

/// A named value at a program's boundary.
public struct ProgramPort: Hashable, Sendable {
  /// Name, unique among the inputs or among the outputs.
  public var name: String
  /// The value.
  public var value: ValueID

  /// A name for a value.
  public init(name: String, value: ValueID) {
    self.name = name
    self.value = value
  }
}

/// A symbol used by a program and the value that reads it.
public struct SymbolUse: Hashable, Sendable {
  /// The declaration.
  public var symbol: Symbol
  /// The value that stands for the storage.
  public var value: ValueID
}

/// A straight-line program in static single assignment form over tensors of fully known shape.
///
/// Operations run in order. An operation may update symbols in place (`Op.mutatedOperands`); operations after it that
/// name the symbol see the new contents, so a transformation must keep reads and writes of one symbol in order.
public struct Program: Sendable {
  /// Name, for example `tokenizer.encode`.
  public var name: String
  /// Inputs, given anew at each run.
  public var inputs: [ProgramPort] = []
  /// Symbols read or written.
  public var symbols: [SymbolUse] = []
  /// The body.
  public var operations: [Operation] = []
  /// Outputs.
  public var outputs: [ProgramPort] = []
  /// All values, by `ValueID.index`.
  public var values: [Value] = []

  /// An empty program.
  public init(name: String) { self.name = name }

  /// The type of a value.
  public func type(of value: ValueID) -> TensorType { values[value.index].type }

  /// The types of values.
  public func types(of values: [ValueID]) -> [TensorType] { values.map { type(of: $0) } }

  /// The symbol that a value stands for, if it does.
  public func symbol(of value: ValueID) -> Symbol? {
    if case .symbol(let index) = values[value.index].origin { return symbols[index].symbol }
    return nil
  }

  /// Defines a new result value of the given type; the caller attaches it to an operation.
  public mutating func makeResult(_ type: TensorType) -> ValueID {
    values.append(Value(type: type, origin: .result))
    return ValueID(index: values.count - 1)
  }

  /// Adds an input.
  public mutating func addInput(_ name: String, _ type: TensorType) -> ValueID {
    let id = ValueID(index: values.count)
    values.append(Value(type: type, origin: .input(inputs.count)))
    inputs.append(ProgramPort(name: name, value: id))
    return id
  }

  /// Adds a symbol use.
  public mutating func addSymbol(_ symbol: Symbol) -> ValueID {
    let id = ValueID(index: values.count)
    values.append(Value(type: symbol.type, origin: .symbol(symbols.count)))
    symbols.append(SymbolUse(symbol: symbol, value: id))
    return id
  }

  /// Makes a result stand for a symbol of its type; the caller removes the operation that defined it.
  public mutating func replaceResult(_ value: ValueID, with symbol: Symbol) {
    precondition(values[value.index].origin == .result && symbol.type == type(of: value), "not a result of this type")
    values[value.index].origin = .symbol(symbols.count)
    symbols.append(SymbolUse(symbol: symbol, value: value))
  }

  /// Number of elements of all trained parameters that the program names.
  public var parameterCount: Int {
    symbols.lazy.filter { $0.symbol.role == .parameter }.map { $0.symbol.type.count }.reduce(0, +)
  }

  /// Total arithmetic and traffic of one run.
  public var cost: Cost {
    operations.reduce(into: Cost()) { $0 += $1.cost(in: self) }
  }
}

extension Operation {
  /// Arithmetic and traffic of this operation.
  public func cost(in program: Program) -> Cost {
    op.cost(operands: program.types(of: operands), results: program.types(of: results))
  }
}
