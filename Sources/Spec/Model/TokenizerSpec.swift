/// The factorized tokenizer: one encoder, one adapter and one codebook per factor, one decoder.
public struct TokenizerSpec: Sendable, Equatable {
  /// The convolutional encoder; the decoder mirrors it.
  public var encoder: EncoderSpec
  /// The transformer adapter in front of each codebook.
  public var adapter: AdapterSpec
  /// The sub-codebooks, in concatenation and prediction order.
  public var codebooks: [CodebookSpec]
  /// Loss weights of the vector quantizers.
  public var quantizer: QuantizerSpec

  /// Name and width of what the encoder gives: one latent per codebook, or one for all under residual quantization.
  public var latents: [(name: String, dim: Int)] {
    quantizer.kind == .residual
      ? codebooks.prefix(1).map { ("residual", $0.dim) } : codebooks.map { ($0.name, $0.dim) }
  }

  /// Creates a tokenizer description.
  public init(
    encoder: EncoderSpec,
    adapter: AdapterSpec = AdapterSpec(),
    codebooks: [CodebookSpec],
    quantizer: QuantizerSpec = QuantizerSpec()
  ) {
    self.encoder = encoder
    self.adapter = adapter
    self.codebooks = codebooks
    self.quantizer = quantizer
  }
}

/// The convolutional encoder (and, mirrored, the decoder).
public struct EncoderSpec: Sendable, Equatable {
  /// Base channel count; level i has `channels * multipliers[i]` channels.
  public var channels: Int
  /// Channel multiplier of each level; a stride-2 convolution stands between two levels.
  public var multipliers: [Int]
  /// ResNet blocks per encoder level (the decoder has one more).
  public var residualBlocks: Int
  /// Channels of the latent in front of each codebook's projection, and of the decoder's input.
  public var latentChannels: Int
  /// Groups of every GroupNorm.
  public var normGroups: Int
  /// Dropout inside the ResNet blocks while training.
  public var dropout: Double

  /// Creates an encoder description.
  public init(
    channels: Int,
    multipliers: [Int],
    residualBlocks: Int = 2,
    latentChannels: Int = 256,
    normGroups: Int = 32,
    dropout: Double = 0
  ) {
    self.channels = channels
    self.multipliers = multipliers
    self.residualBlocks = residualBlocks
    self.latentChannels = latentChannels
    self.normGroups = normGroups
    self.dropout = dropout
  }

  /// Number of resolution levels.
  public var levels: Int { multipliers.count }

  /// Pixels per token along one axis: 2^(levels - 1).
  public var downsample: Int { 1 << max(0, multipliers.count - 1) }

  /// Channels of the feature map at the token grid, which is also the width of the adapters.
  public var featureWidth: Int { channels * (multipliers.last ?? 1) }
}

/// The pre-norm transformer in front of each codebook; its width is the encoder's `featureWidth`.
public struct AdapterSpec: Sendable, Equatable {
  /// Transformer blocks.
  public var layers: Int
  /// Attention heads.
  public var heads: Int

  /// Creates an adapter description; the defaults are the paper's.
  public init(layers: Int = 6, heads: Int = 8) {
    self.layers = layers
    self.heads = heads
  }
}

/// One sub-codebook.
public struct CodebookSpec: Sendable, Equatable {
  /// Name, unique among the codebooks; names parameters, code files and metrics.
  public var name: String
  /// Number of entries.
  public var size: Int
  /// Dimension of an entry.
  public var dim: Int
  /// Name of the teacher whose feature the codes predict; nil for none.
  public var teacher: String?
  /// Levels of each dimension under finite scalar quantization; their product is the size.
  public var levels: [Int]

  /// Creates a codebook description.
  public init(name: String, size: Int, dim: Int = 8, teacher: String? = nil, levels: [Int] = []) {
    self.name = name
    self.size = size
    self.dim = dim
    self.teacher = teacher
    self.levels = levels
  }
}

/// How latent vectors become codes, in all codebooks.
public struct QuantizerSpec: Sendable, Equatable {
  /// What the entries of a codebook are.
  public enum Kind: String, Sendable, CaseIterable {
    /// Learned vectors, one codebook per factor.
    case vq
    /// Learned vectors; each codebook quantizes what those before it left of one latent (RQ).
    case residual
    /// The points of a fixed grid with `levels` per dimension (FSQ).
    case fsq
    /// The corners of a cube: 2^dim entries (LFQ).
    case lfq
  }

  /// How the gradient passes the choice of an entry.
  public enum Gradient: String, Sendable, CaseIterable {
    /// As if the entry were the latent.
    case straightThrough = "straight_through"
    /// Through the rotation and scaling that take the latent to the entry (Fifty et al. 2024).
    case rotation
  }

  /// How learned entries begin.
  public enum Start: String, Sendable, CaseIterable {
    /// Random.
    case uniform
    /// Ten rounds of k-means on the latents of the first batches: eight latents per entry, or 32 batches.
    case kmeans
  }

  /// What the entries are.
  public var kind: Kind
  /// Whether latents and entries are scaled to unit length.
  public var normalize: Bool
  /// How the gradient passes.
  public var gradient: Gradient
  /// How learned entries begin.
  public var start: Start
  /// Decay of the moving averages that learned entries follow; 0 learns them by gradient.
  public var ema: Double
  /// Replacement of entries that are hardly hit.
  public var restart: RestartSpec
  /// Weight of the commitment loss.
  public var commitment: Double
  /// The entropy loss, which keeps codes in use.
  public var entropy: EntropySpec
  /// Codes replaced by near ones while training; nil for none.
  public var perturbation: PerturbationSpec?

  /// Creates a quantizer description; the defaults are the paper's.
  public init(
    kind: Kind = .vq, normalize: Bool = true, gradient: Gradient = .straightThrough, start: Start = .uniform,
    ema: Double = 0, restart: RestartSpec = RestartSpec(), commitment: Double = 0.25,
    entropy: EntropySpec = EntropySpec(), perturbation: PerturbationSpec? = nil
  ) {
    self.kind = kind
    self.normalize = normalize
    self.gradient = gradient
    self.start = start
    self.ema = ema
    self.restart = restart
    self.commitment = commitment
    self.entropy = entropy
    self.perturbation = perturbation
  }
}

/// Codes replaced by near ones while training, so that the decoder bears a generator's errors. Only the decoder's input
/// sees them; all losses of the quantizer keep the codes that were chosen.
public struct PerturbationSpec: Sendable, Equatable {
  /// Share of images that are disturbed, in (0, 1].
  public var images: Double
  /// Share of the codes of a disturbed image that are replaced, each drawn by itself, in (0, 1].
  public var tokens: Double
  /// A code is replaced by one of this many entries next to its own, all alike likely.
  public var nearest: Int
  /// How `tokens` changes over the run.
  public var schedule: WeightSchedule

  /// Creates a description.
  public init(
    images: Double = 0.1, tokens: Double = 0.5, nearest: Int = 100, schedule: WeightSchedule = WeightSchedule()
  ) {
    self.images = images
    self.tokens = tokens
    self.nearest = nearest
    self.schedule = schedule
  }
}

/// Replacement of entries that are hardly hit by random latents of the batch.
public struct RestartSpec: Sendable, Equatable {
  /// Steps between replacements; 0 for none.
  public var every: Int
  /// First step of a replacement.
  public var after: Int
  /// Entries hit less often than this per step, on a moving average, are replaced.
  public var threshold: Double

  /// Creates a description; by default nothing is replaced.
  public init(every: Int = 0, after: Int = 100, threshold: Double = 0.1) {
    self.every = every
    self.after = after
    self.threshold = threshold
  }
}

/// The entropy loss: mean entropy per token minus the entropy of the mean.
public struct EntropySpec: Sendable, Equatable {
  /// Weight of the loss; 0 turns it off.
  public var weight: Double
  /// How the weight changes over the run.
  public var schedule: WeightSchedule
  /// Temperature of the softmax over negative squared distances.
  public var temperature: Double

  /// Creates an entropy-loss description; the defaults are the paper's.
  public init(weight: Double = 0.03, schedule: WeightSchedule = WeightSchedule(), temperature: Double = 0.01) {
    self.weight = weight
    self.schedule = schedule
    self.temperature = temperature
  }
}
