/// How both stages are trained.
public struct TrainingSpec: Sendable, Equatable {
  /// How the operands of products may be held while they are multiplied.
  public enum Precision: String, Sendable, CaseIterable {
    /// Single precision.
    case f32
    /// bfloat16 where that is faster; sums are f32.
    case bf16
    /// Single precision whose products and convolutions are added up in double precision.
    case strict
  }

  /// Seed of initialization, data order, dropout and sampling.
  public var seed: Int
  /// MiB that a training program may use, weights and optimizer state included; nil for as many as it needs.
  public var memoryLimit: Int?
  /// How the operands of products may be held, in training and wherever the trained model runs.
  public var precision = Precision.f32
  /// First stage: the tokenizer.
  public var tokenizer: StageSpec
  /// Second stage: the generator, on codes of the trained tokenizer.
  public var generator: GeneratorTrainingSpec

  /// Creates a training description; the defaults are the paper's.
  public init(
    seed: Int = 0,
    memoryLimit: Int? = nil,
    tokenizer: StageSpec = .tokenizerDefault,
    generator: GeneratorTrainingSpec = GeneratorTrainingSpec()
  ) {
    self.seed = seed
    self.memoryLimit = memoryLimit
    self.tokenizer = tokenizer
    self.generator = generator
  }
}

/// Training of the generator: a stage, and how images become codes.
public struct GeneratorTrainingSpec: Sendable, Equatable {
  /// Which crops of an image are encoded into codes.
  public enum Crops: String, Sendable, CaseIterable {
    /// One centre crop.
    case single
    /// Centre and four corners, each also mirrored.
    case ten
  }

  /// What is shared with the tokenizer's training. In a spec file these keys stand next to `crops`.
  public var stage: StageSpec
  /// Which crops of an image are encoded into codes.
  public var crops: Crops

  /// Creates a description of the generator's training; the defaults are the paper's.
  public init(stage: StageSpec = .generatorDefault, crops: Crops = .ten) {
    self.stage = stage
    self.crops = crops
  }
}

/// Length of a stage.
public enum TrainingLength: Sendable, Equatable {
  /// Passes over the data.
  case epochs(Int)
  /// Optimizer steps.
  case steps(Int)
}

/// A part of a model that can be trained at a rate of its own, or not at all.
public enum ModelPart: String, Sendable, CaseIterable {
  /// The convolutional encoder.
  case encoder
  /// The adapters and the heads in front of the codebooks.
  case adapter
  /// The codebooks.
  case codebook
  /// The decoder.
  case decoder
  /// The heads that predict teachers' features.
  case prediction
  /// Embeddings of codes and classes.
  case embedding
  /// The generator's backbone.
  case backbone
  /// The generator's factorized head.
  case head
  /// The generator's last norm and output matrices.
  case output

  /// Whether the part belongs to the tokenizer; else to the generator.
  public var isOfTokenizer: Bool {
    switch self {
    case .encoder, .adapter, .codebook, .decoder, .prediction: true
    case .embedding, .backbone, .head, .output: false
    }
  }
}

/// The learning rate of a part.
public struct PartRate: Sendable, Equatable {
  /// The part.
  public var part: ModelPart
  /// Factor of the stage's learning rate.
  public var factor: Double

  /// Creates a rate.
  public init(part: ModelPart, factor: Double) {
    self.part = part
    self.factor = factor
  }
}

/// Training of one stage.
public struct StageSpec: Sendable, Equatable {
  /// Images (or code grids) per step.
  public var batch: Int
  /// Parts into which a batch is divided, whose gradients are added up.
  public var accumulate = 1
  /// Learning rates of parts.
  public var rates: [PartRate] = []
  /// Parts that are not trained.
  public var freeze: [ModelPart] = []
  /// Length of the stage; `epochs` or `steps` in a spec file.
  public var length: TrainingLength
  /// The optimizer.
  public var optimizer: OptimizerSpec
  /// How the learning rate changes over the stage.
  public var schedule: ScheduleSpec
  /// Global gradient norm above which gradients are scaled down; 0 turns clipping off.
  public var clip: Double
  /// Decay of the exponential moving average of the weights; 0 keeps none.
  public var ema: Double
  /// Steps between checkpoints.
  public var checkpointEvery: Int
  /// Steps between two lines of metrics.
  public var logEvery: Int
  /// Steps between sample pictures; 0 writes none.
  public var sampleEvery: Int

  /// Creates a stage description.
  public init(
    batch: Int,
    length: TrainingLength,
    optimizer: OptimizerSpec = OptimizerSpec(),
    schedule: ScheduleSpec = ScheduleSpec(),
    clip: Double = 1,
    ema: Double = 0,
    checkpointEvery: Int = 1000,
    logEvery: Int = 50,
    sampleEvery: Int = 1000
  ) {
    self.batch = batch
    self.length = length
    self.optimizer = optimizer
    self.schedule = schedule
    self.clip = clip
    self.ema = ema
    self.checkpointEvery = checkpointEvery
    self.logEvery = logEvery
    self.sampleEvery = sampleEvery
  }

  /// The paper's training of the tokenizer: Adam, learning rate 2e-4, batch 256, 40 epochs.
  public static let tokenizerDefault = StageSpec(batch: 256, length: .epochs(40))

  /// The paper's training of the generator: AdamW, learning rate 1e-4, weight decay 0.05, batch 256, 300 epochs.
  public static let generatorDefault = StageSpec(
    batch: 256, length: .epochs(300),
    optimizer: OptimizerSpec(kind: .adamw, learningRate: 1e-4, weightDecay: 0.05))
}

/// An optimizer and its constants.
public struct OptimizerSpec: Sendable, Equatable {
  /// Which optimizer.
  public enum Kind: String, Sendable, CaseIterable {
    /// Adam (no weight decay).
    case adam
    /// Adam with decoupled weight decay, on matrices only.
    case adamw
  }

  /// Which optimizer.
  public var kind: Kind
  /// Peak learning rate.
  public var learningRate: Double
  /// Decay of the first moment, in [0, 1).
  public var beta1: Double
  /// Decay of the second moment, in [0, 1).
  public var beta2: Double
  /// Added to the root of the second moment.
  public var epsilon: Double
  /// Decoupled weight decay of `adamw`.
  public var weightDecay: Double

  /// Creates an optimizer description.
  public init(
    kind: Kind = .adam,
    learningRate: Double = 2e-4,
    beta1: Double = 0.9,
    beta2: Double = 0.95,
    epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.kind = kind
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }
}

/// How the learning rate changes over a stage.
public struct ScheduleSpec: Sendable, Equatable {
  /// Shape after the warm-up.
  public enum Kind: String, Sendable, CaseIterable {
    /// Stays at the peak.
    case constant
    /// Falls along half a cosine to `final` times the peak at the last step.
    case cosine
  }

  /// Shape after the warm-up.
  public var kind: Kind
  /// Steps of linear warm-up from 0.
  public var warmup: Int
  /// Last learning rate as a fraction of the peak, for `cosine`.
  public var final: Double

  /// Creates a schedule description.
  public init(kind: Kind = .constant, warmup: Int = 0, final: Double = 0) {
    self.kind = kind
    self.warmup = warmup
    self.final = final
  }
}
