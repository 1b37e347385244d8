/// A frozen network whose class feature supervises codebooks.
public struct TeacherSpec: Sendable, Equatable {
  /// Which naming scheme and architecture.
  public enum Kind: String, Sendable, CaseIterable {
    /// The vision transformer of CLIP: quick-GELU, layer norm in front.
    case clipViT = "clip-vit"
    /// DINOv2: GELU, layer scale, interpolated position embedding.
    case dinov2
  }

  /// The nonlinearity of its MLPs.
  public enum Activation: String, Sendable, CaseIterable {
    /// x sigmoid(1.702 x), as OpenAI's CLIP has it.
    case quickGELU = "quick_gelu"
    /// x times the normal distribution function, as DINOv2 and CLIP models of others have it.
    case gelu
  }

  /// Name, by which codebooks choose it.
  public var name: String
  /// Which naming scheme and architecture.
  public var kind: Kind
  /// The safetensors file of its weights; a relative path is relative to the spec.
  public var weights: String
  /// Width of its class feature; the weights must have it.
  public var width: Int
  /// Pixels per side of the images that it looks at.
  public var size: Int
  /// Whether features are kept per image view, in memory and in the run's folder.
  public var cache: Bool
  /// The nonlinearity of its MLPs; nil for that of its kind.
  public var activation: Activation?

  /// Creates a teacher description.
  public init(name: String, kind: Kind, weights: String, width: Int, size: Int = 224, cache: Bool = false) {
    self.name = name
    self.kind = kind
    self.weights = weights
    self.width = width
    self.size = size
    self.cache = cache
  }

  /// The nonlinearity that is computed.
  public var nonlinearity: Activation { activation ?? (kind == .clipViT ? .quickGELU : .gelu) }
}

/// How the codes of supervised codebooks predict their teachers' features.
public struct RepresentationSpec: Sendable, Equatable {
  /// How a prediction is compared with the teacher.
  public enum Kind: String, Sendable, CaseIterable {
    /// Against the features of all images of the batch.
    case contrast
    /// 1 - cosine of prediction and feature.
    case cosine
  }

  /// How a prediction is compared with the teacher.
  public var kind: Kind
  /// Weight of the loss.
  public var weight: Double
  /// How the weight changes over the run.
  public var schedule: WeightSchedule
  /// Temperature of the contrast.
  public var temperature: Double
  /// Transformer blocks of a prediction head.
  public var layers: Int
  /// Attention heads of a prediction head.
  public var heads: Int

  /// Creates a representation-loss description; the defaults are the paper's.
  public init(
    kind: Kind = .contrast, weight: Double = 0.5, schedule: WeightSchedule = WeightSchedule(), temperature: Double = 1,
    layers: Int = 3, heads: Int = 8
  ) {
    self.kind = kind
    self.weight = weight
    self.schedule = schedule
    self.temperature = temperature
    self.layers = layers
    self.heads = heads
  }
}
