/// counter += 1.
public struct IncrementArguments: KernelArguments, @unchecked Sendable {
  /// The counter.
  public var counter: IndexOutput

  /// Arguments for one call.
  public init(counter: IndexOutput) {
    self.counter = counter
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}

/// The learning rate after a number of steps.
public struct LearningRateArguments: KernelArguments, @unchecked Sendable {
  /// Steps done.
  public var step: IndexInput
  /// Result.
  public var rate: FloatOutput
  /// Rate after warm-up.
  public var base: Float
  /// Steps of linear rise.
  public var warmup: Int
  /// Steps of the run.
  public var total: Int
  /// Share left at the end of a cosine.
  public var final: Float
  /// Whether the rate follows a cosine.
  public var cosine: Bool

  /// Arguments for one call.
  public init(step: IndexInput, rate: FloatOutput, base: Float, warmup: Int, total: Int, final: Float, cosine: Bool) {
    self.step = step
    self.rate = rate
    self.base = base
    self.warmup = warmup
    self.total = total
    self.final = final
    self.cosine = cosine
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}

/// One Adam or AdamW update in place.
public struct AdamArguments: KernelArguments, @unchecked Sendable {
  /// Parameter.
  public var parameter: FloatOutput
  /// First moment.
  public var moment1: FloatOutput
  /// Second moment.
  public var moment2: FloatOutput
  /// Gradient.
  public var gradient: FloatInput
  /// Learning rate, one element.
  public var rate: FloatInput
  /// Factor of the gradient, one element.
  public var scale: FloatInput
  /// Steps done.
  public var step: IndexInput
  /// Elements.
  public var count: Int
  /// Decay of the first moment.
  public var beta1: Float
  /// Decay of the second moment.
  public var beta2: Float
  /// Added to the root.
  public var epsilon: Float
  /// Decoupled weight decay.
  public var weightDecay: Float

  /// Arguments for one call.
  public init(
    parameter: FloatOutput, moment1: FloatOutput, moment2: FloatOutput, gradient: FloatInput, rate: FloatInput,
    scale: FloatInput, step: IndexInput, count: Int, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float
  ) {
    self.parameter = parameter
    self.moment1 = moment1
    self.moment2 = moment2
    self.gradient = gradient
    self.rate = rate
    self.scale = scale
    self.step = step
    self.count = count
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// average = decay * average + (1 - decay) * source.
public struct MovingAverageArguments: KernelArguments, @unchecked Sendable {
  /// The average.
  public var average: FloatOutput
  /// The new value.
  public var source: FloatInput
  /// Elements.
  public var count: Int
  /// Weight of the past.
  public var decay: Float

  /// Arguments for one call.
  public init(average: FloatOutput, source: FloatInput, count: Int, decay: Float) {
    self.average = average
    self.source = source
    self.count = count
    self.decay = decay
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// How a scheduled value changes.
public enum ScheduleKernel: Int32, Sendable, BitwiseCopyable {
  case step, linear, cosine, every
}

/// A number that depends on the steps done.
public struct ScheduleArguments: KernelArguments, @unchecked Sendable {
  /// Steps done.
  public var step: IndexInput
  /// Result.
  public var value: FloatOutput
  /// The way between the levels.
  public var shape: ScheduleKernel
  /// Level before the change.
  public var from: Float
  /// Level after it.
  public var to: Float
  /// First step of the change.
  public var start: Int
  /// Steps of the change or of the period.
  public var span: Int

  /// Arguments for one call.
  public init(
    step: IndexInput, value: FloatOutput, shape: ScheduleKernel, from: Float, to: Float, start: Int, span: Int
  ) {
    self.step = step
    self.value = value
    self.shape = shape
    self.from = from
    self.to = to
    self.start = start
    self.span = span
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}
