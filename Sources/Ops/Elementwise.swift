// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// The rows of the unary table: one case is one op.
public enum UnaryFunction: String, CaseIterable, Sendable {
  case negate, absolute, square, sqrt, rsqrt, reciprocal, exp, log, relu, sigmoid, tanh, silu, gelu
}

/// `y = f(x)` element by element.
public struct Unary: FacetOp {
  /// The function.
  public var function: UnaryFunction

  /// The op of a function.
  public init(_ function: UnaryFunction) { self.function = function }

  public static let mnemonics = UnaryFunction.allCases.map(\.rawValue)
  public static let summary = "Elementwise function of one operand; gelu is the exact (erf) form."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[2,3]) {
      %0 = silu(%x) : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    guard let function = UnaryFunction(rawValue: mnemonic) else { throw OpError("unknown function") }
    self.function = function
  }
  public var mnemonic: String { function.rawValue }
  public var inPlaceOperands: [Int] { [0] }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let x = context.operands[0]
    let y = context.results[0]
    let dy = try context.incoming()
    switch function {
    case .negate: context.set(0, b.unary(.negate, dy))
    case .absolute: context.set(0, b.binary(.absoluteGradient, x, dy))
    case .square: context.set(0, b.affine(b.mul(dy, x), scale: 2))
    case .sqrt: context.set(0, b.affine(b.binary(.divide, dy, y), scale: 0.5))
    case .rsqrt: context.set(0, b.affine(b.mul(dy, b.mul(y, b.unary(.square, y))), scale: -0.5))
    case .reciprocal: context.set(0, b.unary(.negate, b.mul(dy, b.unary(.square, y))))
    case .exp: context.set(0, b.mul(dy, y))
    case .log: context.set(0, b.binary(.divide, dy, x))
    case .relu: context.set(0, b.binary(.reluGradient, x, dy))
    case .sigmoid: context.set(0, b.mul(dy, b.mul(y, b.affine(y, scale: -1, offset: 1))))
    case .tanh: context.set(0, b.mul(dy, b.affine(b.unary(.square, y), scale: -1, offset: 1)))
    case .silu: context.set(0, b.binary(.siluGradient, x, dy))
    case .gelu: context.set(0, b.binary(.geluGradient, x, dy))
    }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    let perElement: Int
    switch function {
    case .negate, .absolute, .square, .sqrt, .rsqrt, .reciprocal, .relu: perElement = 1
    case .exp, .log: perElement = 10
    case .sigmoid, .tanh, .silu: perElement = 12
    case .gelu: perElement = 20
    }
    return perElement * results[0].count
  }
  public var opCase: OpCase { .unary(self) }
}

/// `y = scale * x + offset`.
public struct Affine: FacetOp {
  /// Factor.
  public var scale: Float
  /// Summand.
  public var offset: Float

  /// The op `scale * x + offset`.
  public init(scale: Float, offset: Float = 0) {
    self.scale = scale
    self.offset = offset
  }

  public static let mnemonics = ["affine"]
  public static let summary = "scale * x + offset with constants."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[2,3]) {
      %0 = affine(%x) {scale = 2.0, offset = 1.0} : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    scale = try attributes.real("scale")
    offset = try attributes.real("offset")
  }
  public var mnemonic: String { "affine" }
  public var inPlaceOperands: [Int] { [0] }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("scale", scale)
    attributes.put("offset", offset)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    context.set(0, context.builder.affine(try context.incoming(), scale: scale))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 2 * results[0].count }
  public var opCase: OpCase { .affine(self) }
}

/// The rows of the binary table. The `…Gradient` rows take (x, dy) and give f'(x) * dy.
public enum BinaryFunction: String, CaseIterable, Sendable {
  case add, subtract, multiply, divide, minimum, maximum
  case siluGradient = "silu_gradient"
  case geluGradient = "gelu_gradient"
  case reluGradient = "relu_gradient"
  case absoluteGradient = "absolute_gradient"
}

/// `z = f(x, y)` element by element; the shape of `y` is a suffix of the shape of `x` (a scalar is one), and `y` is
/// repeated over the leading dimensions.
public struct Binary: FacetOp {
  /// The function.
  public var function: BinaryFunction

  /// The op of a function.
  public init(_ function: BinaryFunction) { self.function = function }

  public static let mnemonics = BinaryFunction.allCases.map(\.rawValue)
  public static let summary = "Elementwise function of two operands; the second is repeated over leading dimensions."
  public static let example = """
    program @example(%x: f32[2,3], %y: f32[3]) -> (z: f32[2,3]) {
      %0 = add(%x, %y) : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    guard let function = BinaryFunction(rawValue: mnemonic) else { throw OpError("unknown function") }
    self.function = function
  }
  public var mnemonic: String { function.rawValue }
  public var inPlaceOperands: [Int] { [0, 1] }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.require(
      operands[0].shape.suffix(operands[1].rank).elementsEqual(operands[1].shape),
      "the shape of \(operands[1]) is not a suffix of \(operands[0])")
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let x = context.operands[0]
    let y = context.operands[1]
    let dy = try context.incoming()
    func set(_ first: @autoclosure () -> ValueID, _ second: @autoclosure () -> ValueID) {
      if context.wants(0) { context.set(0, first()) }
      if context.wants(1) { context.set(1, b.sumLeading(second(), to: b.shape(of: y))) }
    }
    switch function {
    case .add: set(dy, dy)
    case .subtract: set(dy, b.unary(.negate, dy))
    case .multiply: set(b.mul(dy, y), b.mul(dy, x))
    case .divide:
      set(
        b.binary(.divide, dy, y),
        b.unary(.negate, b.mul(dy, b.binary(.divide, context.results[0], y))))
    case .minimum, .maximum:
      // The first operand takes the gradient of ties.
      let difference = b.sub(x, y)
      let second = b.binary(.reluGradient, function == .minimum ? difference : b.unary(.negate, difference), dy)
      set(b.sub(dy, second), second)
    case .reluGradient:
      // Linear in dy; constant in x wherever it has a derivative.
      if context.wants(1) { context.set(1, b.sumLeading(b.binary(.reluGradient, x, dy), to: b.shape(of: y))) }
    case .siluGradient, .geluGradient, .absoluteGradient:
      throw OpError("\(mnemonic) has no gradient rule")
    }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    switch function {
    case .add, .subtract, .multiply, .divide, .minimum, .maximum, .reluGradient, .absoluteGradient:
      return results[0].count
    case .siluGradient: return 15 * results[0].count
    case .geluGradient: return 30 * results[0].count
    }
  }
  public var opCase: OpCase { .binary(self) }
}

/// The value of its operand; no gradient passes (sg in the method's formulas).
public struct StopGradient: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["stop_gradient"]
  public static let summary = "Identity through which no gradient passes."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[2,3]) {
      %0 = stop_gradient(%x) : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "stop_gradient" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .stopGradient(self) }
}

/// A tensor filled with one value.
public struct Constant: FacetOp {
  /// The value.
  public var value: Float
  /// The extents.
  public var shape: [Int]

  /// The op of a value and shape.
  public init(_ value: Float, shape: [Int]) {
    self.value = value
    self.shape = shape
  }

  public static let mnemonics = ["constant"]
  public static let summary = "A tensor filled with one value."
  public static let example = """
    program @example() -> (y: f32[2,3]) {
      %0 = constant() {value = 1.0, shape = [2, 3]} : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    value = try attributes.real("value")
    shape = try attributes.ints("shape")
  }
  public var mnemonic: String { "constant" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("value", value)
    attributes.put("shape", shape)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 0)
    try ShapeRule.require(shape.allSatisfy { $0 > 0 }, "extents must be positive")
    return [TensorType(.f32, shape)]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .constant(self) }
}
