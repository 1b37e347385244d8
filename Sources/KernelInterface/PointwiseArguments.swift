/// An operand of a pointwise expression.
public struct PointwiseOperand: BitwiseCopyable, @unchecked Sendable {
  /// Elements.
  public var base: FloatInput
  /// Number of elements, a divisor of the result's; they repeat.
  public var inner: Int

  /// An operand.
  public init(base: FloatInput, inner: Int) {
    self.base = base
    self.inner = inner
  }
}

/// One step of a pointwise expression in postfix form.
public enum PointwiseInstruction: BitwiseCopyable, Sendable {
  /// Pushes an operand.
  case operand(Int32)
  /// Replaces the top.
  case unary(UnaryKernel)
  /// Replaces the two topmost, the first operand below the second.
  case binary(BinaryKernel)
  /// Replaces the top.
  case affine(scale: Float, offset: Float)
}

/// A chain of elementwise functions, evaluated tile by tile; the result may be an operand of its size.
public struct PointwiseArguments: KernelArguments, @unchecked Sendable {
  /// Operands.
  public var operands: UnsafePointer<PointwiseOperand>
  /// Steps.
  public var steps: UnsafePointer<PointwiseInstruction>
  /// Number of steps.
  public var stepCount: Int
  /// Result.
  public var y: FloatOutput
  /// Elements of the result.
  public var count: Int
  /// Values on the stack at most.
  public var depth: Int

  /// Arguments for one call.
  public init(
    operands: UnsafePointer<PointwiseOperand>, steps: UnsafePointer<PointwiseInstruction>, stepCount: Int,
    y: FloatOutput, count: Int, depth: Int
  ) {
    self.operands = operands
    self.steps = steps
    self.stepCount = stepCount
    self.y = y
    self.count = count
    self.depth = depth
  }

  /// Elements of a tile: a stack of a few stays in the first-level cache.
  public static let tile = 1024
  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
  /// The stack.
  public var scratchByteCount: Int { (depth * Self.tile + 64) * 4 }
}
