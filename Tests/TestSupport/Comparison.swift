import IR

/// How far a number may be from the truth: `absolute + relative * |expected|`.
public struct Tolerance: Hashable, Sendable {
  /// Allowed whatever the magnitude.
  public var absolute: Double
  /// Allowed per unit of magnitude.
  public var relative: Double

  /// A tolerance of two parts.
  public init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }
}

/// The outcome of comparing two tensors: the worst element and whether it is within the tolerance.
public struct Comparison: Sendable, CustomStringConvertible {
  /// Whether the types agree and every element is within the tolerance; integers must be equal.
  public var passes: Bool
  /// Position of the worst element, by axis; nil where the types differ or there are no elements.
  public var index: [Int]?
  /// The worst element found.
  public var actual: Double
  /// What it should be.
  public var expected: Double
  /// The difference at the worst element in units of the tolerance; more than 1 fails.
  public var excess: Double
  /// The worst element in words.
  public var description: String
}

/// Compares a tensor with the truth element by element. A NaN is never within the tolerance.
public func compare(_ actual: Tensor, to expected: Tensor, _ tolerance: Tolerance) -> Comparison {
  guard actual.type == expected.type else {
    return Comparison(
      passes: false, index: nil, actual: .nan, expected: .nan, excess: .infinity,
      description: "the type is \(actual.type), not \(expected.type)")
  }
  let isInteger = expected.type.dtype.isInteger
  let found = isInteger ? actual.integers.map(Double.init) : actual.reals
  let wanted = isInteger ? expected.integers.map(Double.init) : expected.reals
  var worst = 0
  var largest = -1.0
  for index in wanted.indices {
    let excess = excess(
      found[index], wanted[index], isInteger ? Tolerance(absolute: 0, relative: 0) : tolerance)
    if excess > largest { (worst, largest) = (index, excess) }
  }
  guard largest >= 0 else {
    return Comparison(
      passes: true, index: nil, actual: 0, expected: 0, excess: 0, description: "no elements")
  }
  let strides = ReferenceInterpreter.strides(expected.shape)
  let index = strides.indices.map { worst / strides[$0] % expected.shape[$0] }
  return Comparison(
    passes: largest <= 1, index: index, actual: found[worst], expected: wanted[worst],
    excess: largest,
    description:
      "worst at \(index): \(found[worst]), expected \(wanted[worst]), \(largest) times the tolerance"
  )
}

/// Compares single-precision elements, as a kernel leaves them, with the truth.
public func compare(_ actual: [Float], to expected: Tensor, _ tolerance: Tolerance) -> Comparison {
  guard actual.count == expected.reals.count else {
    return Comparison(
      passes: false, index: nil, actual: .nan, expected: .nan, excess: .infinity,
      description: "\(actual.count) elements, not \(expected.reals.count)")
  }
  return compare(Tensor(expected.type, actual.map(Double.init)), to: expected, tolerance)
}

private func excess(_ actual: Double, _ expected: Double, _ tolerance: Tolerance) -> Double {
  if actual == expected { return 0 }
  let excess = abs(actual - expected) / (tolerance.absolute + tolerance.relative * abs(expected))
  return excess.isNaN || expected.isInfinite ? .infinity : excess
}
