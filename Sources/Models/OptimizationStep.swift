import Autodiff
import IR
import Ops
import Spec

/// The second half of a training program: gradients, clipping by the global norm, Adam or AdamW, moving average of
/// the weights, step counter. All of it is graph.
public struct OptimizationStep {
  let spec: StageSpec
  let prefix: String
  let totalSteps: Int

  /// The step of a training stage. Symbols are named under `prefix`.
  public init(_ spec: StageSpec, prefix: String, totalSteps: Int) {
    self.spec = spec
    self.prefix = prefix
    self.totalSteps = totalSteps
  }

  /// Values that a training loop reports.
  public struct Measures {
    /// The global norm of the gradient before clipping, f32[].
    public var gradientNorm: ValueID
    /// The learning rate of this step, f32[].
    public var learningRate: ValueID
  }

  /// Name of the moving average of a parameter.
  public static func averageName(of parameter: String) -> String { "average." + parameter }

  /// Name of the counter of steps done of what is trained under a prefix.
  public static func counterName(prefix: String) -> String { "\(prefix).step" }

  /// The counter of steps done, which also schedules read.
  public static func counter(_ builder: ProgramBuilder, prefix: String) -> ValueID {
    builder.symbol(Symbol(name: counterName(prefix: prefix), type: .i32(), role: .state, initializer: .zeros))
  }

  /// The parameters that the program names so far and that the stage trains: `trains` admits names, frozen parts do not.
  public func parameters(_ builder: ProgramBuilder, trains: (String) -> Bool = { _ in true }) -> [SymbolUse] {
    builder.program.symbols.filter { use in
      use.symbol.role == .parameter && trains(use.symbol.name)
        && !spec.freeze.contains { $0.holds(use.symbol.name) }
    }
  }

  /// The parameters that the stage trains, and their gradients: the mean over the parts in which a batch goes through the
  /// model.
  ///
  /// - Parameters:
  ///   - trains: Admits names of parameters.
  ///   - objective: Emits the forward pass of a part, told its rows of the batch, and gives the scalar that is
  ///     differentiated.
  func gradients(
    _ builder: ProgramBuilder, batch: Int, trains: (String) -> Bool = { _ in true },
    _ objective: (_ rows: Range<Int>) throws(DifferentiationError) -> ValueID
  ) throws(DifferentiationError) -> (parameters: [SymbolUse], gradients: [ValueID]) {
    let size = batch / spec.accumulate
    var parameters: [SymbolUse] = []
    var gradients: [ValueID] = []
    for part in 0..<spec.accumulate {
      let loss = try objective(part * size..<(part + 1) * size)
      if part == 0 { parameters = self.parameters(builder, trains: trains) }
      let own = try ReverseMode.gradients(of: loss, withRespectTo: parameters.map(\.value), in: builder)
      gradients = part == 0 ? own : zip(gradients, own).map { builder.add($0, $1) }
    }
    guard spec.accumulate > 1 else { return (parameters, gradients) }
    return (parameters, gradients.map { builder.affine($0, scale: 1 / Float(spec.accumulate)) })
  }

  /// Emits the update of those parameters that the program names so far and that the stage trains.
  public func emit(
    _ builder: ProgramBuilder, loss: ValueID, trains: (String) -> Bool = { _ in true }
  ) throws(DifferentiationError) -> Measures {
    let parameters = parameters(builder, trains: trains)
    let gradients = try ReverseMode.gradients(of: loss, withRespectTo: parameters.map(\.value), in: builder)
    return update(builder, parameters, gradients)
  }

  /// Emits the update of parameters from their gradients.
  public func update(_ builder: ProgramBuilder, _ parameters: [SymbolUse], _ gradients: [ValueID]) -> Measures {
    builder.withScope("optimizer.\(prefix)") {
      let step = Self.counter(builder, prefix: prefix)
      let norm = builder.emit(GradientNorm(), gradients)[0]
      let rate = builder.emitOne(
        LearningRate(
          kind: spec.schedule.kind == .cosine ? .cosine : .constant, base: Float(spec.optimizer.learningRate),
          warmup: spec.schedule.warmup, total: totalSteps, final: Float(spec.schedule.final)), step)
      let scale = clipping(builder, norm)
      let rates = spec.rates.map { (part: $0.part, rate: builder.affine(rate, scale: Float($0.factor))) }
      for (use, gradient) in zip(parameters, gradients) {
        let own = rates.last { $0.part.holds(use.symbol.name) }?.rate ?? rate
        update(builder, use, gradient, rate: own, scale: scale, step: step)
      }
      builder.emit(Increment(), [step])
      return Measures(gradientNorm: norm, learningRate: rate)
    }
  }

  /// min(1, clip / (norm + 1e-6)), or 1 where clipping is off.
  private func clipping(_ builder: ProgramBuilder, _ norm: ValueID) -> ValueID {
    guard spec.clip > 0 else { return builder.scalar(1) }
    let ratio = builder.affine(
      builder.unary(.reciprocal, builder.affine(norm, scale: 1, offset: 1e-6)), scale: Float(spec.clip))
    return builder.binary(.minimum, ratio, builder.scalar(1))
  }

  private func update(
    _ builder: ProgramBuilder, _ use: SymbolUse, _ gradient: ValueID, rate: ValueID, scale: ValueID, step: ValueID
  ) {
    let symbol = use.symbol
    func moment(_ name: String) -> ValueID {
      builder.symbol(
        Symbol(name: "\(prefix).\(name).\(symbol.name)", type: symbol.type, role: .state, initializer: .zeros))
    }
    // Weight decay is for matrices and kernels only (method section 3), not for biases, norms and vectors.
    let decays = spec.optimizer.kind == .adamw && symbol.type.rank > 1
    let adam = Adam(
      beta1: Float(spec.optimizer.beta1), beta2: Float(spec.optimizer.beta2),
      epsilon: Float(spec.optimizer.epsilon), weightDecay: decays ? Float(spec.optimizer.weightDecay) : 0)
    builder.emit(adam, [use.value, moment("moment1"), moment("moment2"), gradient, rate, scale, step])
    if spec.ema > 0 {
      let average = builder.symbol(
        Symbol(
          name: Self.averageName(of: symbol.name), type: symbol.type, role: .state,
          initializer: .copy(of: symbol.name)))
      builder.emit(MovingAverage(decay: Float(spec.ema)), [average, use.value])
    }
  }
}

extension ModelPart {
  /// Whether a parameter belongs to the part.
  func holds(_ name: String) -> Bool {
    let prefixes: [String]
    switch self {
    case .encoder: prefixes = ["encoder.conv_in.", "encoder.level.", "encoder.middle."]
    case .adapter: prefixes = ["encoder.adapter.", "encoder.head."]
    case .codebook: prefixes = ["quantizer."]
    case .decoder: prefixes = ["decoder."]
    case .prediction: prefixes = ["representation."]
    case .embedding: prefixes = ["generator.embedding.", "generator.class_embedding"]
    case .backbone: prefixes = ["generator.block.", "generator.aggregate."]
    case .head: prefixes = ["generator.head."]
    case .output: prefixes = ["generator.norm.", "generator.output."]
    }
    return prefixes.contains { name.hasPrefix($0) }
  }
}
