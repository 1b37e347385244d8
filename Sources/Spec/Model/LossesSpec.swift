/// The losses of the tokenizer besides those of its quantizers.
public struct LossesSpec: Sendable, Equatable {
  /// Distance between the image and its reconstruction.
  public var reconstruction: ReconstructionSpec
  /// Mean squared cosine between the codes of different codebooks.
  public var disentanglement: DisentanglementSpec

  /// Creates a loss description.
  public init(
    reconstruction: ReconstructionSpec = ReconstructionSpec(),
    disentanglement: DisentanglementSpec = DisentanglementSpec()
  ) {
    self.reconstruction = reconstruction
    self.disentanglement = disentanglement
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

  /// Creates a reconstruction-loss description.
  public init(kind: Kind = .l2, weight: Double = 1) {
    self.kind = kind
    self.weight = weight
  }
}

/// The disentanglement loss over every pair of codebooks.
public struct DisentanglementSpec: Sendable, Equatable {
  /// Weight of the loss; 0 turns it off, which also lifts the rule that all codebooks have one dimension.
  public var weight: Double

  /// Creates a disentanglement-loss description; the default is the paper's.
  public init(weight: Double = 0.1) {
    self.weight = weight
  }
}
