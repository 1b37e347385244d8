/// y = f(x) element by element; x and y may be the same.
public struct UnaryArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Elements.
  public var count: Int
  /// The function.
  public var function: UnaryKernel

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, count: Int, function: UnaryKernel) {
    self.x = x
    self.y = y
    self.count = count
    self.function = function
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// y = scale * x + offset; x and y may be the same.
public struct AffineArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Elements.
  public var count: Int
  /// Factor.
  public var scale: Float
  /// Summand.
  public var offset: Float

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, count: Int, scale: Float, offset: Float) {
    self.x = x
    self.y = y
    self.count = count
    self.scale = scale
    self.offset = offset
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// z = f(x, y), y of `inner` elements repeated; z may be x or (for equal sizes) y.
public struct BinaryArguments: KernelArguments, @unchecked Sendable {
  /// First operand.
  public var x: FloatInput
  /// Second operand.
  public var y: FloatInput
  /// Result.
  public var z: FloatOutput
  /// Elements of x.
  public var count: Int
  /// Elements of y, a divisor of count.
  public var inner: Int
  /// The function.
  public var function: BinaryKernel

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatInput, z: FloatOutput, count: Int, inner: Int, function: BinaryKernel) {
    self.x = x
    self.y = y
    self.z = z
    self.count = count
    self.inner = inner
    self.function = function
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// target = value.
public struct FillArguments: KernelArguments, @unchecked Sendable {
  /// Result.
  public var target: FloatOutput
  /// Elements.
  public var count: Int
  /// The value.
  public var value: Float

  /// Arguments for one call.
  public init(target: FloatOutput, count: Int, value: Float) {
    self.target = target
    self.count = count
    self.value = value
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}
