extension SpecSchema {
  static let adversarial = Record<AdversarialSpec>(
    "A discriminator trained against the decoder.", prototype: AdversarialSpec(),
    fields: [
      Field(
        "weight", \.weight, .number(.nonNegative), synonyms: ["disc_weight", "gan_weight"],
        "Weight of the loss for both players."),
      Field(
        "start", \.start, .runPoint, synonyms: ["disc_start", "start_step", "threshold"],
        "When both players begin: a number of steps, or a share of the run below 1."),
      Field(
        "ramp", \.ramp, .integer(0...1_000_000_000), synonyms: ["warmup", "disc_warmup"],
        "Steps over which the decoder's weight rises after the start."),
      Field(
        "loss", \.loss,
        .choice { loss in
          switch loss {
          case .hinge: "relu(1 - D(x)) + relu(1 + D(x_hat)) against -D(x_hat)"
          case .vanilla: "softplus(-D(x)) + softplus(D(x_hat)) against -D(x_hat)"
          case .nonSaturating: "softplus(-D(x)) + softplus(D(x_hat)) against softplus(-D(x_hat))"
          }
        }, synonyms: ["disc_loss", "gan_loss", "kind", "type"], "The game."),
      Field(
        "adaptive", \.adaptive, .number(.nonNegative), synonyms: ["disc_adaptive_weight", "max_adaptive_weight"],
        "Largest factor that makes the gradients at the decoder's last layer equally long; 0 for none."),
      Field(
        "lecam", \.lecam, .number(.nonNegative), synonyms: ["lecam_weight", "lecam_loss_weight"],
        "Weight of LeCAM regularization of the discriminator."),
      Field(
        "r1", \.r1, .number(.nonNegative), synonyms: ["r1_gamma", "gradient_penalty"],
        "Weight of half the mean squared gradient of the discriminator at real images."),
      Field(
        "augment", optional: \.augment, augmentation.rule, absent: "the discriminator sees images as they are",
        synonyms: ["diffaug", "diff_augment", "augmentation"],
        "Differentiable augmentation of all images that the discriminator sees, in both players' losses."),
      Field(
        "discriminator", \.discriminator, discriminator.rule, synonyms: ["disc", "network"],
        "The discriminator and its training."),
    ])

  static let augmentation = Record<AugmentationSpec>(
    "Differentiable augmentation (DiffAugment), drawn anew for every image and step; against overfitting to few images.",
    prototype: AugmentationSpec(),
    fields: [
      Field(
        "color", \.color, .number(.zeroToOne), synonyms: ["colour"],
        "Strength of changes of brightness, saturation and contrast; 0 for none."),
      Field(
        "translation", \.translation, .number(.zeroToHalf), synonyms: ["shift"],
        "Largest move along an axis as a share of the image's side; 0 for none."),
      Field(
        "cutout", \.cutout, .number(.zeroToBelowOne), synonyms: ["erase", "cut_out"],
        "Side of the square that is cut out as a share of the image's; 0 for none."),
    ])

  static let discriminator = Record<DiscriminatorSpec>(
    "The discriminator and its training.", prototype: DiscriminatorSpec(),
    reserved: ["spectral_norm": "weights divided by their largest singular value"],
    fields: [
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .patchgan: "strided 4x4 convolutions with batch normalisation, judging overlapping patches"
          case .residual: "residual blocks with blurred downsampling, as in StyleGAN, judging the whole image"
          }
        }, synonyms: ["type", "disc_type"], "Which network."),
      Field(
        "channels", \.channels, .integer(1...4096), synonyms: ["ndf", "disc_dim", "width"],
        "Channels after the first layer; they double from layer to layer, to eight times as many at most."),
      Field(
        "layers", \.layers, .integer(1...10), synonyms: ["n_layers", "disc_num_layers", "blocks"],
        "Layers after the first (patchgan), or residual blocks (residual)."),
      Field("optimizer", \.optimizer, optimizer.rule, synonyms: ["optim"], "Its optimizer."),
      Field(
        "clip", \.clip, .number(.nonNegative), synonyms: ["grad_clip", "max_grad_norm"],
        "Gradient norm above which its gradients are scaled down; 0 turns clipping off."),
    ])
}

extension ValueRule where Value == RunPoint {
  /// A number of steps, or a share of the run below 1.
  static var runPoint: ValueRule {
    let shape = SpecShape.number(.nonNegative)
    return ValueRule(
      shape: shape,
      read: { node, _, reader in
        guard let scalar = reader.scalar(node, shape) else { return nil }
        switch scalar.value {
        case .int(let step) where step >= 0: return .step(step)
        case .number(let share) where share > 0 && share <= 1: return .share(share)
        case .number(let number) where number >= 0 && number == number.rounded() && number < 1e15:
          return .step(Int(number))
        case .int, .number: return reader.outOfRange(node, scalar.text, shape)
        default: return reader.mismatch(node, shape, Rewriting.number(scalar, .nonNegative))
        }
      },
      write: { point in
        switch point {
        case .step(let step): .int(step)
        case .share(let share): .number(share)
        }
      })
  }
}
