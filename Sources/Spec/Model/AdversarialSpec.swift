/// The adversarial loss: a discriminator that is trained against the decoder.
public struct AdversarialSpec: Sendable, Equatable {
  /// The game that the two play.
  public enum Loss: String, Sendable, CaseIterable {
    /// D: mean relu(1 - D(x)) + relu(1 + D(x_hat)), halved; G: -mean D(x_hat).
    case hinge
    /// D: mean softplus(-D(x)) + softplus(D(x_hat)), halved; G: -mean D(x_hat).
    case vanilla
    /// D as `vanilla`; G: mean softplus(-D(x_hat)).
    case nonSaturating = "non_saturating"
  }

  /// Weight of the loss for both players.
  public var weight: Double
  /// When both players begin.
  public var start: RunPoint
  /// Steps over which the decoder's weight rises after the start; the discriminator has its full weight at once.
  public var ramp: Int
  /// The game.
  public var loss: Loss
  /// Largest adaptive factor, |gradient of the other image losses| / |gradient of this one| at the decoder's last
  /// convolution; 0 leaves the weight as it is.
  public var adaptive: Double
  /// Weight of LeCAM regularization of the discriminator.
  public var lecam: Double
  /// Weight of the R1 penalty, half the mean squared gradient of D at real images.
  public var r1: Double
  /// What is done to all images that the discriminator sees, real and reconstructed, in both players' losses; nil for
  /// nothing.
  public var augment: AugmentationSpec?
  /// The discriminator and its training.
  public var discriminator: DiscriminatorSpec

  /// Creates an adversarial-loss description; the defaults are the paper's.
  public init(
    weight: Double = 0.5, start: RunPoint = .step(20_000), ramp: Int = 0, loss: Loss = .hinge, adaptive: Double = 0,
    lecam: Double = 0, r1: Double = 0, augment: AugmentationSpec? = nil,
    discriminator: DiscriminatorSpec = DiscriminatorSpec()
  ) {
    self.weight = weight
    self.start = start
    self.ramp = ramp
    self.loss = loss
    self.adaptive = adaptive
    self.lecam = lecam
    self.r1 = r1
    self.augment = augment
    self.discriminator = discriminator
  }
}

/// Differentiable augmentation (DiffAugment), drawn anew for every image and step.
public struct AugmentationSpec: Sendable, Equatable {
  /// Strength of changes of brightness, saturation and contrast, in [0, 1]; 0 for none.
  public var color: Double
  /// Largest move along an axis as a share of the image's side, in [0, 0.5]; 0 for none.
  public var translation: Double
  /// Side of the square that is cut out as a share of the image's, in [0, 1); 0 for none.
  public var cutout: Double

  /// Creates a description; the defaults are the paper's.
  public init(color: Double = 1, translation: Double = 0.125, cutout: Double = 0.5) {
    self.color = color
    self.translation = translation
    self.cutout = cutout
  }

  /// The largest move in pixels, in images of `size` pixels.
  public func shift(of size: Int) -> Int { Int((translation * Double(size)).rounded()) }

  /// The side of the square in pixels, in images of `size` pixels.
  public func hole(of size: Int) -> Int { Int((cutout * Double(size)).rounded()) }
}

/// A point of a training run.
public enum RunPoint: Sendable, Equatable {
  /// After a number of optimizer steps.
  case step(Int)
  /// After a share of all steps, in (0, 1).
  case share(Double)

  /// The step of a run of `total` steps.
  public func step(of total: Int) -> Int {
    switch self {
    case .step(let step): step
    case .share(let share): Int((share * Double(total)).rounded())
    }
  }
}

/// A discriminator and its training.
public struct DiscriminatorSpec: Sendable, Equatable {
  /// Which network.
  public enum Kind: String, Sendable, CaseIterable {
    /// Strided 4x4 convolutions with batch normalisation; judges overlapping patches.
    case patchgan
    /// Residual blocks with blurred downsampling (as in StyleGAN); judges the whole image.
    case residual
  }

  /// Which network.
  public var kind: Kind
  /// Channels after the first layer; they double from layer to layer, to eight times as many at most.
  public var channels: Int
  /// Layers after the first of `patchgan`, residual blocks of `residual`.
  public var layers: Int
  /// Its optimizer.
  public var optimizer: OptimizerSpec
  /// Global gradient norm above which its gradients are scaled down; 0 turns clipping off.
  public var clip: Double

  /// Creates a discriminator description; the defaults are the paper's.
  public init(
    kind: Kind = .patchgan, channels: Int = 64, layers: Int = 3, optimizer: OptimizerSpec = OptimizerSpec(),
    clip: Double = 1
  ) {
    self.kind = kind
    self.channels = channels
    self.layers = layers
    self.optimizer = optimizer
    self.clip = clip
  }
}
