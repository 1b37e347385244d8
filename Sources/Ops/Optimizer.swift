// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Adds one to a counter in place.
public struct Increment: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["increment"]
  public static let summary = "Adds one to a counter in place."
  public static let example = """
    state @step : i32[] = zeros
    program @example() -> () {
      increment(&@step)
      return
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "increment" }
  public func write(to attributes: inout AttributeWriter) {}
  public var mutatedOperands: [Int] { [0] }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.require(operands[0] == .i32(), "the counter must be i32[]")
    return []
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 1 }
  public var opCase: OpCase { .increment(self) }
}

/// How a learning rate changes after warm-up.
public enum ScheduleKind: String, CaseIterable, Sendable {
  /// Not at all.
  case constant
  /// Along half a cosine from the base to `final * base` at step `total`.
  case cosine
}

/// The learning rate of a step, from the number of steps done: a linear rise over `warmup` steps, then the schedule.
public struct LearningRate: FacetOp {
  /// The schedule after warm-up.
  public var kind: ScheduleKind
  /// The rate after warm-up.
  public var base: Float
  /// Steps of linear rise; the first step uses base / warmup.
  public var warmup: Int
  /// Steps of the whole run.
  public var total: Int
  /// Share of the base left at the end of a cosine.
  public var final: Float

  /// The op with the given attributes.
  public init(kind: ScheduleKind, base: Float, warmup: Int, total: Int, final: Float) {
    self.kind = kind
    self.base = base
    self.warmup = warmup
    self.total = total
    self.final = final
  }

  public static let mnemonics = ["learning_rate"]
  public static let summary = "The learning rate after a number of steps: linear warm-up, then constant or cosine."
  public static let example = """
    state @step : i32[] = zeros
    program @example() -> (rate: f32[]) {
      %0 = learning_rate(@step) {kind = cosine, base = 0.0002, warmup = 100, total = 1000, final = 0.1} : f32[]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    kind = try attributes.word("kind")
    base = try attributes.real("base")
    warmup = try attributes.int("warmup")
    total = try attributes.int("total")
    final = try attributes.real("final")
  }
  public var mnemonic: String { "learning_rate" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("kind", kind)
    attributes.put("base", base)
    attributes.put("warmup", warmup)
    attributes.put("total", total)
    attributes.put("final", final)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.require(operands[0] == .i32(), "the step must be i32[]")
    return [.f32()]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 20 }
  public var opCase: OpCase { .learningRate(self) }
}

/// The l2 norm of all operands taken together (global gradient norm).
public struct GradientNorm: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["gradient_norm"]
  public static let summary = "The l2 norm of all operands taken together."
  public static let example = """
    program @example(%a: f32[2,3], %b: f32[4]) -> (norm: f32[]) {
      %0 = gradient_norm(%a, %b) : f32[]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "gradient_norm" }
  public func write(to attributes: inout AttributeWriter) {}
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.require(!operands.isEmpty, "takes one operand or more")
    try ShapeRule.allF32(operands)
    return [.f32()]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 2 * operands.reduce(0) { $0 + $1.count } }
  public var opCase: OpCase { .gradientNorm(self) }
}

/// One Adam / AdamW update in place, operands (&parameter, &first moment, &second moment, gradient, rate, gradient
/// scale, steps done): bias-corrected, weight decay decoupled.
public struct Adam: FacetOp {
  /// Decay of the first moment.
  public var beta1: Float
  /// Decay of the second moment.
  public var beta2: Float
  /// Added to the root of the second moment.
  public var epsilon: Float
  /// Decoupled weight decay; 0 is plain Adam.
  public var weightDecay: Float

  /// The op with the given attributes.
  public init(beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public static let mnemonics = ["adam"]
  public static let summary = "One Adam or AdamW update in place, with the gradient scaled by the clipping factor."
  public static let example = """
    parameter @w : f32[4] = zeros
    state @m : f32[4] = zeros
    state @v : f32[4] = zeros
    state @step : i32[] = zeros
    program @example(%g: f32[4], %rate: f32[], %scale: f32[]) -> () {
      adam(&@w, &@m, &@v, %g, %rate, %scale, @step) {beta1 = 0.9, beta2 = 0.95, epsilon = 1e-08, weight_decay = 0.0}
      return
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    beta1 = try attributes.real("beta1")
    beta2 = try attributes.real("beta2")
    epsilon = try attributes.real("epsilon")
    weightDecay = try attributes.real("weight_decay")
  }
  public var mnemonic: String { "adam" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("beta1", beta1)
    attributes.put("beta2", beta2)
    attributes.put("epsilon", epsilon)
    attributes.put("weight_decay", weightDecay)
  }
  public var mutatedOperands: [Int] { [0, 1, 2] }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 7)
    try ShapeRule.dtype(operands, .f32, .f32, .f32, .f32, .f32, .f32, .i32)
    for index in 1...3 { try ShapeRule.shape(operands, index, operands[0].shape) }
    for index in 4...6 { try ShapeRule.shape(operands, index, []) }
    return []
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 14 * operands[0].count }
  public func cost(operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(flops: 14 * operands[0].count, bytes: 7 * operands[0].byteCount)
  }
  public var opCase: OpCase { .adam(self) }
}

/// average = decay * average + (1 - decay) * source, in place.
public struct MovingAverage: FacetOp {
  /// Weight of the past.
  public var decay: Float

  /// The op with the given decay.
  public init(decay: Float) { self.decay = decay }

  public static let mnemonics = ["moving_average"]
  public static let summary = "Exponential moving average in place."
  public static let example = """
    state @average : f32[4] = zeros
    program @example(%w: f32[4]) -> () {
      moving_average(&@average, %w) {decay = 0.999}
      return
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    decay = try attributes.real("decay")
  }
  public var mnemonic: String { "moving_average" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("decay", decay) }
  public var mutatedOperands: [Int] { [0] }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.shape(operands, 1, operands[0].shape)
    return []
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 3 * operands[0].count }
  public var opCase: OpCase { .movingAverage(self) }
}
