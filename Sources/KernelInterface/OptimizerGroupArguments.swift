/// One parameter of a group of updates.
public struct AdamEntry: BitwiseCopyable, @unchecked Sendable {
  /// Parameter.
  public var parameter: FloatOutput
  /// First moment.
  public var moment1: FloatOutput
  /// Second moment.
  public var moment2: FloatOutput
  /// Moving average of the parameter, if there is one.
  public var average: FloatOutput?
  /// Gradient.
  public var gradient: FloatInput
  /// Elements.
  public var count: Int
  /// Decoupled weight decay.
  public var weightDecay: Float
  /// First unit of this parameter.
  public var firstUnit: Int

  /// An entry.
  public init(
    parameter: FloatOutput, moment1: FloatOutput, moment2: FloatOutput, average: FloatOutput?, gradient: FloatInput,
    count: Int, weightDecay: Float, firstUnit: Int
  ) {
    self.parameter = parameter
    self.moment1 = moment1
    self.moment2 = moment2
    self.average = average
    self.gradient = gradient
    self.count = count
    self.weightDecay = weightDecay
    self.firstUnit = firstUnit
  }

  /// Units of a parameter.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// Adam updates of many parameters and their moving averages.
public struct AdamGroupArguments: KernelArguments, @unchecked Sendable {
  /// The parameters, their units one after the other.
  public var entries: UnsafePointer<AdamEntry>
  /// Number of parameters.
  public var count: Int
  /// Learning rate, one element.
  public var rate: FloatInput
  /// Factor of the gradient, or the norm of the gradient where `clip` is positive; one element.
  public var scale: FloatInput
  /// Steps done.
  public var step: IndexInput
  /// Largest norm of the gradient: the factor is min(1, clip / (norm + 1e-6)).
  public var clip: Float
  /// Decay of the first moment.
  public var beta1: Float
  /// Decay of the second moment.
  public var beta2: Float
  /// Added to the root.
  public var epsilon: Float
  /// Weight of the past of the moving averages.
  public var average: Float
  /// Units of all parameters.
  public var unitCount: Int

  /// Arguments for one call.
  public init(
    entries: UnsafePointer<AdamEntry>, count: Int, rate: FloatInput, scale: FloatInput, step: IndexInput, clip: Float,
    beta1: Float, beta2: Float, epsilon: Float, average: Float, unitCount: Int
  ) {
    self.entries = entries
    self.count = count
    self.rate = rate
    self.scale = scale
    self.step = step
    self.clip = clip
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.average = average
    self.unitCount = unitCount
  }
}

/// A run of elements of a norm over several tensors.
public struct SquaredSumEntry: BitwiseCopyable, @unchecked Sendable {
  /// Elements.
  public var x: FloatInput
  /// Number of elements.
  public var count: Int
  /// First unit of this tensor.
  public var firstUnit: Int

  /// An entry.
  public init(x: FloatInput, count: Int, firstUnit: Int) {
    self.x = x
    self.count = count
    self.firstUnit = firstUnit
  }
}

/// Partial sums of squares of several tensors, one per unit.
public struct SquaredSumGroupArguments: KernelArguments, @unchecked Sendable {
  /// The tensors, their units one after the other.
  public var entries: UnsafePointer<SquaredSumEntry>
  /// Number of tensors.
  public var count: Int
  /// One sum per unit.
  public var partial: FloatOutput
  /// Units of all tensors.
  public var unitCount: Int

  /// Arguments for one call.
  public init(entries: UnsafePointer<SquaredSumEntry>, count: Int, partial: FloatOutput, unitCount: Int) {
    self.entries = entries
    self.count = count
    self.partial = partial
    self.unitCount = unitCount
  }
}
