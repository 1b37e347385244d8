/// The losses of the tokenizer besides those of its quantizers.
public struct LossesSpec: Sendable, Equatable {
  /// Distance between the image and its reconstruction.
  public var reconstruction: ReconstructionSpec
  /// Distance of VGG features between the image and its reconstruction (LPIPS); nil for none.
  public var perceptual: PerceptualSpec?
  /// A discriminator trained against the decoder; nil for none.
  public var adversarial: AdversarialSpec?
  /// Mean squared cosine between the codes of different codebooks.
  public var disentanglement: DisentanglementSpec
  /// Prediction of frozen teachers' features by the codebooks that name a teacher.
  public var representation: RepresentationSpec

  /// Creates a loss description.
  public init(
    reconstruction: ReconstructionSpec = ReconstructionSpec(), perceptual: PerceptualSpec? = nil,
    adversarial: AdversarialSpec? = nil, disentanglement: DisentanglementSpec = DisentanglementSpec(),
    representation: RepresentationSpec = RepresentationSpec()
  ) {
    self.reconstruction = reconstruction
    self.perceptual = perceptual
    self.adversarial = adversarial
    self.disentanglement = disentanglement
    self.representation = representation
  }
}

/// How the weight of a loss changes over a run.
public struct WeightSchedule: Sendable, Equatable {
  /// The way from the first to the last factor.
  public enum Kind: String, Sendable, CaseIterable {
    /// The factor is 1 throughout.
    case constant
    /// `from` before `start`, 1 afterwards.
    case step
    /// From `from` to 1 along a line of `steps` steps.
    case linear
    /// From `from` to 1 along half a cosine of `steps` steps.
    case cosine
  }

  /// The way.
  public var kind: Kind
  /// First factor of the weight.
  public var from: Double
  /// First step of the change.
  public var start: Int
  /// Steps of the change.
  public var steps: Int

  /// Creates a schedule; by default the weight is constant.
  public init(kind: Kind = .constant, from: Double = 0, start: Int = 0, steps: Int = 1000) {
    self.kind = kind
    self.from = from
    self.start = start
    self.steps = steps
  }
}

/// The perceptual loss: LPIPS over VGG16.
public struct PerceptualSpec: Sendable, Equatable {
  /// Weight of the loss.
  public var weight: Double
  /// How the weight changes over the run.
  public var schedule: WeightSchedule
  /// The safetensors file of the network's weights; a relative path is relative to the spec.
  public var weights: String

  /// Creates a perceptual-loss description.
  public init(weight: Double = 1, schedule: WeightSchedule = WeightSchedule(), weights: String) {
    self.weight = weight
    self.schedule = schedule
    self.weights = weights
  }
}

/// The pixel distance between an image and its reconstruction.
public struct ReconstructionSpec: Sendable, Equatable {
  /// Which distance is used.
  public enum Kind: String, Sendable, CaseIterable {
    /// Mean absolute error.
    case l1
    /// Mean squared error.
    case l2
  }

  /// Which distance is used.
  public var kind: Kind
  /// Weight of the loss.
  public var weight: Double
  /// How the weight changes over the run.
  public var schedule: WeightSchedule

  /// Creates a reconstruction-loss description.
  public init(kind: Kind = .l2, weight: Double = 1, schedule: WeightSchedule = WeightSchedule()) {
    self.kind = kind
    self.weight = weight
    self.schedule = schedule
  }
}

/// The disentanglement loss over every pair of codebooks.
public struct DisentanglementSpec: Sendable, Equatable {
  /// Weight of the loss; 0 turns it off, which also lifts the rule that all codebooks have one dimension.
  public var weight: Double
  /// How the weight changes over the run.
  public var schedule: WeightSchedule

  /// Creates a disentanglement-loss description; the default is the paper's.
  public init(weight: Double = 0.1, schedule: WeightSchedule = WeightSchedule()) {
    self.weight = weight
    self.schedule = schedule
  }
}
