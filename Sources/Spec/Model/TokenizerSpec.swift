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

  /// Channels of each level, from the image down to the token grid.
  public var levelChannels: [Int] { multipliers.map { channels * $0 } }

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

  /// Creates a codebook description.
  public init(name: String, size: Int, dim: Int = 8, teacher: String? = nil) {
    self.name = name
    self.size = size
    self.dim = dim
    self.teacher = teacher
  }
}

/// Loss weights shared by all vector quantizers.
public struct QuantizerSpec: Sendable, Equatable {
  /// Weight of the commitment loss.
  public var commitment: Double
  /// The entropy loss, which keeps codes in use.
  public var entropy: EntropySpec

  /// Creates a quantizer description; the defaults are the paper's.
  public init(commitment: Double = 0.25, entropy: EntropySpec = EntropySpec()) {
    self.commitment = commitment
    self.entropy = entropy
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
