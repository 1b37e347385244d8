// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// The same elements in the same order under another shape; an alias, never a copy.
public struct Reshape: FacetOp {
  /// The new extents.
  public var shape: [Int]

  /// The op of a shape.
  public init(_ shape: [Int]) { self.shape = shape }

  public static let mnemonics = ["reshape"]
  public static let summary = "The same elements in row-major order under another shape."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[6]) {
      %0 = reshape(%x) {shape = [6]} : f32[6]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    shape = try attributes.ints("shape")
  }
  public var mnemonic: String { "reshape" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("shape", shape) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    let result = TensorType(operands[0].dtype, shape)
    try ShapeRule.require(result.count == operands[0].count, "\(operands[0]) cannot be seen as \(result)")
    return [result]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    context.set(0, b.reshape(try context.incoming(), b.shape(of: context.operands[0])))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .reshape(self) }
}

/// Dimensions in another order: result dimension i is operand dimension `permutation[i]`.
public struct Transpose: FacetOp {
  /// Operand dimension of each result dimension.
  public var permutation: [Int]

  /// The op of a permutation.
  public init(_ permutation: [Int]) { self.permutation = permutation }

  public static let mnemonics = ["transpose"]
  public static let summary = "Dimensions in another order."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[3,2]) {
      %0 = transpose(%x) {permutation = [1, 0]} : f32[3,2]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    permutation = try attributes.ints("permutation")
  }
  public var mnemonic: String { "transpose" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("permutation", permutation) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.require(
      permutation.sorted() == Array(0..<operands[0].rank), "\(permutation) is not a permutation of the dimensions")
    try ShapeRule.require(operands[0].rank <= 5, "at most five dimensions")
    return [TensorType(operands[0].dtype, permutation.map { operands[0].shape[$0] })]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    var inverse = permutation
    for (index, source) in permutation.enumerated() { inverse[source] = index }
    context.set(0, context.builder.emitOne(Transpose(inverse), try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .transpose(self) }
}

/// Operands one after the other along an axis.
public struct Concat: FacetOp {
  /// The axis along which operands follow each other.
  public var axis: Int

  /// The op of an axis.
  public init(axis: Int) { self.axis = axis }

  public static let mnemonics = ["concat"]
  public static let summary = "Operands one after the other along an axis."
  public static let example = """
    program @example(%x: f32[2,3], %y: f32[2,1]) -> (z: f32[2,4]) {
      %0 = concat(%x, %y) {axis = 1} : f32[2,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) { axis = try attributes.int("axis") }
  public var mnemonic: String { "concat" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("axis", axis) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.require(!operands.isEmpty, "takes one operand or more")
    var result = operands[0]
    try ShapeRule.require(axis >= 0 && axis < result.rank, "axis \(axis) is out of range")
    for operand in operands.dropFirst() {
      var other = operand
      try ShapeRule.require(
        other.rank == result.rank && other.dtype == result.dtype, "\(operand) does not fit \(result)")
      let extent = other.shape[axis]
      other.shape[axis] = result.shape[axis]
      try ShapeRule.require(other == result, "\(operand) does not fit \(result)")
      result.shape[axis] += extent
    }
    return [result]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let dy = try context.incoming()
    var start = 0
    for (index, operand) in context.operands.enumerated() {
      let extent = b.shape(of: operand)[axis]
      if context.wants(index) { context.set(index, b.slice(dy, axis: axis, start, start + extent)) }
      start += extent
    }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .concat(self) }
}

/// Positions `start..<end` of an axis.
public struct Slice: FacetOp {
  /// The axis.
  public var axis: Int
  /// First position kept.
  public var start: Int
  /// Position after the last kept.
  public var end: Int

  /// The op of a range.
  public init(axis: Int, start: Int, end: Int) {
    self.axis = axis
    self.start = start
    self.end = end
  }

  public static let mnemonics = ["slice"]
  public static let summary = "A range of positions of an axis."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[2,1]) {
      %0 = slice(%x) {axis = 1, start = 1, end = 2} : f32[2,1]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    axis = try attributes.int("axis")
    start = try attributes.int("start")
    end = try attributes.int("end")
  }
  public var mnemonic: String { "slice" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("axis", axis)
    attributes.put("start", start)
    attributes.put("end", end)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    var result = operands[0]
    try ShapeRule.require(axis >= 0 && axis < result.rank, "axis \(axis) is out of range")
    try ShapeRule.require(0 <= start && start < end && end <= result.shape[axis], "\(start)..<\(end) is out of range")
    result.shape[axis] = end - start
    return [result]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let extent = b.shape(of: context.operands[0])[axis]
    context.set(0, b.emitOne(Pad(axis: axis, before: start, after: extent - end), try context.incoming()))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .slice(self) }
}

/// Zeros before and after along an axis.
public struct Pad: FacetOp {
  /// The axis.
  public var axis: Int
  /// Zeros before the first position.
  public var before: Int
  /// Zeros after the last position.
  public var after: Int

  /// The op of two widths.
  public init(axis: Int, before: Int, after: Int) {
    self.axis = axis
    self.before = before
    self.after = after
  }

  public static let mnemonics = ["pad"]
  public static let summary = "Zeros before and after along an axis."
  public static let example = """
    program @example(%x: f32[2,3]) -> (y: f32[2,6]) {
      %0 = pad(%x) {axis = 1, before = 1, after = 2} : f32[2,6]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    axis = try attributes.int("axis")
    before = try attributes.int("before")
    after = try attributes.int("after")
  }
  public var mnemonic: String { "pad" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("axis", axis)
    attributes.put("before", before)
    attributes.put("after", after)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.allF32(operands)
    var result = operands[0]
    try ShapeRule.require(axis >= 0 && axis < result.rank, "axis \(axis) is out of range")
    try ShapeRule.require(before >= 0 && after >= 0, "widths must not be negative")
    result.shape[axis] += before + after
    return [result]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let extent = b.shape(of: context.operands[0])[axis]
    context.set(0, b.slice(try context.incoming(), axis: axis, before, before + extent))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .pad(self) }
}
