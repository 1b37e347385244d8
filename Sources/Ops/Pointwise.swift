// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// One step of a pointwise expression in postfix form.
public enum PointwiseStep: Hashable, Sendable {
  /// Pushes an operand.
  case operand(Int)
  /// Replaces the top by a function of it.
  case unary(UnaryFunction)
  /// Replaces the two topmost, x below y, by a function of both.
  case binary(BinaryFunction)
  /// Replaces the top x by scale * x + offset.
  case affine(scale: Float, offset: Float)
}

/// An expression over elements at one position of several operands, in postfix form. As text:
/// `x0 silu x1 multiply 2.0 0.5 affine`, where `x1` is operand 1 and the numbers are scale and offset.
public struct PointwiseExpression: Hashable, Sendable {
  /// The steps, first to last.
  public var steps: [PointwiseStep]

  /// An expression of the given steps.
  public init(_ steps: [PointwiseStep]) { self.steps = steps }

  /// The most values on the stack at any time.
  public static let depthLimit = 8

  /// Reads the textual form.
  init(text: String) throws(OpError) {
    steps = []
    var numbers: [Float] = []
    for word in text.split(separator: " ").map(String.init) {
      if let number = Float(word) {
        numbers.append(number)
        continue
      }
      if word == "affine" {
        guard numbers.count == 2 else { throw OpError("affine needs a scale and an offset before it") }
        steps.append(.affine(scale: numbers[0], offset: numbers[1]))
        numbers = []
        continue
      }
      guard numbers.isEmpty else { throw OpError("a number that is no scale or offset of affine") }
      if word.first == "x", let index = Int(word.dropFirst()), index >= 0 {
        steps.append(.operand(index))
      } else if let function = UnaryFunction(rawValue: word) {
        steps.append(.unary(function))
      } else if let function = BinaryFunction(rawValue: word) {
        steps.append(.binary(function))
      } else {
        throw OpError("'\(word)' is no step of an expression")
      }
    }
    guard numbers.isEmpty else { throw OpError("numbers at the end of an expression") }
  }

  /// The textual form.
  public var text: String {
    steps.map { step in
      switch step {
      case .operand(let index): "x\(index)"
      case .unary(let function): function.rawValue
      case .binary(let function): function.rawValue
      case .affine(let scale, let offset): "\(Attribute.real(scale).text) \(Attribute.real(offset).text) affine"
      }
    }.joined(separator: " ")
  }

  /// The largest number of values on the stack; nil if the steps do not leave exactly one value.
  public var depth: Int? {
    var (height, largest) = (0, 0)
    for step in steps {
      switch step {
      case .operand: height += 1
      case .unary, .affine: if height < 1 { return nil }
      case .binary:
        if height < 2 { return nil }
        height -= 1
      }
      largest = max(largest, height)
    }
    return height == 1 ? largest : nil
  }

  /// Numbers of the operands, in the order of their first use.
  public var operands: [Int] {
    var result: [Int] = []
    for case .operand(let index) in steps where !result.contains(index) { result.append(index) }
    return result
  }
}

/// A chain of elementwise functions evaluated tile by tile, so that what is between them never leaves the cache. The
/// result has the shape of operand 0; every other operand's shape is a suffix of it, repeated over leading dimensions.
public struct Pointwise: FacetOp {
  /// What is computed at every position.
  public var expression: PointwiseExpression

  /// The op of an expression.
  public init(_ expression: PointwiseExpression) { self.expression = expression }

  public static let mnemonics = ["pointwise"]
  public static let summary = "An expression of elementwise functions in postfix form, evaluated tile by tile."
  public static let example = """
    program @example(%x: f32[2,3], %y: f32[3]) -> (z: f32[2,3]) {
      %0 = pointwise(%x, %y) {expression = "x0 silu x1 multiply 2.0 0.5 affine"} : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    expression = try PointwiseExpression(text: try attributes.text("expression"))
  }
  public var mnemonic: String { "pointwise" }
  /// Elements are read before the tile that holds them is written.
  public var inPlaceOperands: [Int] { expression.operands.sorted() }
  public func write(to attributes: inout AttributeWriter) { attributes.put("expression", text: expression.text) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.require(!operands.isEmpty, "takes one operand or more")
    try ShapeRule.allF32(operands)
    try ShapeRule.require(
      expression.operands.sorted() == Array(operands.indices), "the expression must name every operand")
    guard let depth = expression.depth else { throw OpError("the expression does not leave one value") }
    try ShapeRule.require(depth <= PointwiseExpression.depthLimit, "the expression needs \(depth) values at a time")
    for operand in operands.dropFirst() {
      try ShapeRule.require(
        operands[0].shape.suffix(operand.rank).elementsEqual(operand.shape),
        "the shape of \(operand) is not a suffix of \(operands[0])")
    }
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    throw OpError("\(mnemonic) has no gradient rule")
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    expression.steps.reduce(0) { total, step in
      switch step {
      case .operand: total
      case .unary(let function): total + Unary(function).flops(operands: operands, results: results)
      case .binary(let function): total + Binary(function).flops(operands: operands, results: results)
      case .affine: total + 2 * results[0].count
      }
    }
  }
  public var opCase: OpCase { .pointwise(self) }
}
