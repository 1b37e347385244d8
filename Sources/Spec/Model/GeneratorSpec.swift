/// The autoregressive generator: a causal backbone over token positions and a factorized head over codebooks.
public struct GeneratorSpec: Sendable, Equatable {
  /// Transformer blocks of the backbone.
  public var layers: Int
  /// Model width.
  public var width: Int
  /// Attention heads of the backbone and of the head; `width / heads` is a multiple of 4 (2-D rotary embedding).
  public var heads: Int
  /// Transformer blocks of the factorized head.
  public var headLayers: Int
  /// Residual and feed-forward dropout while training.
  public var dropout: Double
  /// Probability of dropping a token embedding while training.
  public var tokenDropout: Double
  /// Probability of replacing a label by the null class while training (classifier-free guidance).
  public var labelDropout: Double
  /// Number of classes, without the null class; nil takes the number of class folders of the data.
  public var classes: Int?

  /// Creates a generator description.
  public init(
    layers: Int,
    width: Int,
    heads: Int,
    headLayers: Int = 3,
    dropout: Double = 0.1,
    tokenDropout: Double = 0.1,
    labelDropout: Double = 0.1,
    classes: Int? = nil
  ) {
    self.layers = layers
    self.width = width
    self.heads = heads
    self.headLayers = headLayers
    self.dropout = dropout
    self.tokenDropout = tokenDropout
    self.labelDropout = labelDropout
    self.classes = classes
  }

  /// Width of one attention head.
  public var headWidth: Int { width / max(1, heads) }
}

/// How codes are sampled from the generator.
public struct SamplingSpec: Sendable, Equatable {
  /// Scale of classifier-free guidance: logits = u + guidance * (c - u); 1 turns it off.
  public var guidance: Double
  /// Softmax temperature; 0 takes the most likely code.
  public var temperature: Double
  /// Keep the k most likely codes; 0 keeps all.
  public var topK: Int
  /// Keep the smallest set of codes whose probability reaches this share; 1 keeps all.
  public var topP: Double

  /// Creates a sampling description.
  public init(guidance: Double = 2, temperature: Double = 1, topK: Int = 0, topP: Double = 1) {
    self.guidance = guidance
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }
}
