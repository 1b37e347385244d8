/// Why an op does not accept its operands or attributes.
public struct OpError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in the op's terms.
  public var description: String

  /// An error with the given explanation.
  public init(_ description: String) { self.description = description }
}

/// Arithmetic and memory traffic of an operation, counted on its definition (direct convolution, unfused).
public struct Cost: Hashable, Sendable {
  /// Floating-point operations; a multiply-add counts two.
  public var flops: Int
  /// Bytes read and written when nothing is fused.
  public var bytes: Int

  /// A cost of the given size.
  public init(flops: Int = 0, bytes: Int = 0) {
    self.flops = flops
    self.bytes = bytes
  }

  /// Adds another cost.
  public static func += (lhs: inout Cost, rhs: Cost) {
    lhs.flops += rhs.flops
    lhs.bytes += rhs.bytes
  }
}

/// The one place where an op is defined: attributes, operands, shape rule, in-place effects, gradient, cost, manual.
///
/// A conforming type is a value whose stored properties are the attributes. There are no defaults for what an author
/// could forget; the kernel is joined to the op by an exhaustive switch in the runtime.
public protocol Op: Sendable {
  /// All mnemonics that this type parses; most ops have one, tables of elementwise functions have many.
  static var mnemonics: [String] { get }

  /// One line for the manual.
  static var summary: String { get }

  /// A program of one operation in textual form, used as documentation and as a test.
  static var example: String { get }

  /// Reads the attributes.
  init(mnemonic: String, attributes: inout AttributeReader) throws(OpError)

  /// The name in the textual form.
  var mnemonic: String { get }

  /// Writes the attributes in the order in which they are printed.
  func write(to attributes: inout AttributeWriter)

  /// Checks the operands and gives the result types.
  func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType]

  /// Positions of the operands that are symbols updated in place.
  var mutatedOperands: [Int] { get }

  /// Positions of the operands whose storage the first result may take over when they die here: the kernel reads each
  /// element before it writes the same element. The planner checks that sizes agree.
  var inPlaceOperands: [Int] { get }

  /// Emits the vector-Jacobian product into `context`, or says that there is none.
  func gradient(_ context: GradientContext) throws(OpError)

  /// Arithmetic of the operation on operands of these types.
  func flops(operands: [TensorType], results: [TensorType]) -> Int

  /// Arithmetic and memory traffic; given here by ops that read only part of an operand.
  func cost(operands: [TensorType], results: [TensorType]) -> Cost
}

extension Op {
  /// Most ops have no effect on their operands.
  public var mutatedOperands: [Int] { [] }

  /// Most results need storage of their own.
  public var inPlaceOperands: [Int] { [] }

  /// Arithmetic, and the bytes of all operands and results.
  public func cost(operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(
      flops: flops(operands: operands, results: results),
      bytes: (operands + results).reduce(0) { $0 + $1.byteCount })
  }

  /// The attributes in textual form, `{a = 1, b = x}`, or nothing when there are none.
  public var attributeText: String {
    var writer = AttributeWriter()
    write(to: &writer)
    return writer.text
  }
}

/// What an op's gradient rule sees and fills in. Rules emit ordinary operations through `builder`.
public final class GradientContext {
  /// Where gradient operations go.
  public let builder: ProgramBuilder
  /// Operands of the operation that is differentiated.
  public let operands: [ValueID]
  /// Its results.
  public let results: [ValueID]
  private let resultGradients: [ValueID?]
  private let wanted: [Bool]
  /// Gradients found so far, by operand.
  public private(set) var operandGradients: [ValueID?]

  package init(
    builder: ProgramBuilder, operation: Operation, resultGradients: [ValueID?], wanted: [Bool]
  ) {
    self.builder = builder
    self.operands = operation.operands
    self.results = operation.results
    self.resultGradients = resultGradients
    self.wanted = wanted
    self.operandGradients = Array(repeating: nil, count: operation.operands.count)
  }

  /// Whether the gradient of an operand is asked for.
  public func wants(_ operand: Int) -> Bool { operand < wanted.count && wanted[operand] }

  /// The incoming gradient of a result, or nil where nothing depends on it.
  public func gradient(ofResult index: Int) -> ValueID? { resultGradients[index] }

  /// The incoming gradient of the only differentiable result. A rule runs only if some result has a gradient.
  public func incoming() throws(OpError) -> ValueID {
    guard let gradient = resultGradients[0] else { throw OpError("only the first result is differentiable") }
    for extra in resultGradients.dropFirst() where extra != nil {
      throw OpError("only the first result is differentiable")
    }
    return gradient
  }

  /// Reports the gradient of an operand.
  public func set(_ operand: Int, _ gradient: ValueID) { operandGradients[operand] = gradient }

  /// The type of a value.
  public func type(_ value: ValueID) -> TensorType { builder.type(of: value) }
}
