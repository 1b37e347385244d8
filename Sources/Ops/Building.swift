import IR

/// Short spellings for building programs. Shapes are checked by the ops.
extension ProgramBuilder {
  /// f(x) element by element.
  public func unary(_ function: UnaryFunction, _ x: ValueID) -> ValueID { emitOne(Unary(function), x) }

  /// f(x, y) element by element, y repeated over leading dimensions.
  public func binary(_ function: BinaryFunction, _ x: ValueID, _ y: ValueID) -> ValueID {
    emitOne(Binary(function), x, y)
  }

  /// x + y.
  public func add(_ x: ValueID, _ y: ValueID) -> ValueID { binary(.add, x, y) }

  /// x - y.
  public func sub(_ x: ValueID, _ y: ValueID) -> ValueID { binary(.subtract, x, y) }

  /// x * y.
  public func mul(_ x: ValueID, _ y: ValueID) -> ValueID { binary(.multiply, x, y) }

  /// scale * x + offset.
  public func affine(_ x: ValueID, scale: Float, offset: Float = 0) -> ValueID {
    emitOne(Affine(scale: scale, offset: offset), x)
  }

  /// A scalar constant.
  public func scalar(_ value: Float) -> ValueID { emitOne(Constant(value, shape: [])) }

  /// x under another shape; x itself where the shape is the same.
  public func reshape(_ x: ValueID, _ newShape: [Int]) -> ValueID {
    shape(of: x) == newShape ? x : emitOne(Reshape(newShape), x)
  }

  /// Positions start..<end of an axis; x itself where that is all.
  public func slice(_ x: ValueID, axis: Int, _ start: Int, _ end: Int) -> ValueID {
    start == 0 && end == shape(of: x)[axis] ? x : emitOne(Slice(axis: axis, start: start, end: end), x)
  }

  /// Operands one after the other along an axis.
  public func concat(_ operands: [ValueID], axis: Int) -> ValueID {
    operands.count == 1 ? operands[0] : emit(Concat(axis: axis), operands)[0]
  }

  /// The sum over leading dimensions so that `target` remains; x itself where nothing is summed.
  public func sumLeading(_ x: ValueID, to target: [Int]) -> ValueID {
    let extra = shape(of: x).count - target.count
    return extra == 0 ? x : emitOne(ReduceSum(start: 0, end: extra), x)
  }

  /// The mean of all elements, a scalar.
  public func mean(_ x: ValueID) -> ValueID {
    let rank = shape(of: x).count
    if rank == 0 { return x }
    return affine(emitOne(ReduceSum(start: 0, end: rank), x), scale: 1 / Float(type(of: x).count))
  }

  /// The mean of values of one shape, element by element; the value itself where there is one.
  public func average(_ values: [ValueID]) -> ValueID {
    let sum = values.dropFirst().reduce(values[0]) { add($0, $1) }
    return values.count == 1 ? sum : affine(sum, scale: 1 / Float(values.count))
  }

  /// x W^T + bias.
  public func linear(_ x: ValueID, _ weight: ValueID, _ bias: ValueID? = nil) -> ValueID {
    emit(Linear(), [x, weight] + (bias.map { [$0] } ?? []))[0]
  }

  /// The value of x, without gradient.
  public func stopGradient(_ x: ValueID) -> ValueID { emitOne(StopGradient(), x) }
}
