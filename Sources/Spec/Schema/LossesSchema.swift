extension SpecSchema {
  static let losses = Record<LossesSpec>(
    "The tokenizer's losses besides those of its quantizers.", prototype: LossesSpec(),
    fields: [
      Field(
        "reconstruction", \.reconstruction, reconstruction.rule, synonyms: ["rec", "pixel"],
        "Pixel distance between image and reconstruction."),
      Field(
        "perceptual", optional: \.perceptual, perceptual.rule, absent: "no perceptual loss",
        synonyms: ["lpips", "perc", "vgg"], "Distance of VGG16 features between image and reconstruction (LPIPS)."),
      Field(
        "adversarial", optional: \.adversarial, adversarial.rule, absent: "no discriminator",
        synonyms: ["gan", "disc", "discriminator"], "A discriminator trained against the decoder."),
      Field(
        "disentanglement", \.disentanglement, disentanglement.rule, synonyms: ["disentangle", "orthogonality"],
        "Mean squared cosine between the codes of different codebooks."),
      Field(
        "representation", \.representation, representation.rule, synonyms: ["semantic", "repr"],
        "Prediction of the teachers' features by the codebooks that name a teacher."),
    ])

  /// How the weight of a loss changes: a key of every loss.
  static func weightSchedule<Owner>(
    _ path: any WritableKeyPath<Owner, WeightSchedule> & Sendable
  ) -> Field<Owner> {
    Field("schedule", path, weightScheduleRecord.rule, synonyms: ["anneal"], "How the weight changes over the run.")
  }

  static let weightScheduleRecord = Record<WeightSchedule>(
    "How the weight of a loss changes over the run: a factor that goes from `from` to 1.", prototype: WeightSchedule(),
    fields: [
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .constant: "the factor is 1 throughout"
          case .step: "`from` before `start`, 1 afterwards"
          case .linear: "along a line of `steps` steps"
          case .cosine: "along half a cosine of `steps` steps"
          }
        }, synonyms: ["type"], "The way from `from` to 1."),
      Field("from", \.from, .number(.nonNegative), synonyms: ["initial"], "First factor of the weight."),
      Field("start", \.start, .integer(0...1_000_000_000), synonyms: ["begin"], "First step of the change."),
      Field("steps", \.steps, .integer(1...1_000_000_000), synonyms: ["duration"], "Steps of the change."),
    ])

  static let perceptual = Record<PerceptualSpec>(
    "Distance of VGG16 features between image and reconstruction (LPIPS).", prototype: PerceptualSpec(weights: ""),
    fields: [
      Field("weight", \.weight, .number(.nonNegative), synonyms: ["perceptual_weight"], "Weight of the loss."),
      weightSchedule(\.schedule),
      Field(
        "weights", \.weights, .text, required: "vgg16-lpips.safetensors", synonyms: ["path", "file", "checkpoint"],
        "Safetensors file with torchvision's `features.N.weight`/`bias` of VGG16 and LPIPS' `linN.model.1.weight`."),
    ])

  static let reconstruction = Record<ReconstructionSpec>(
    "Pixel distance between image and reconstruction.", prototype: ReconstructionSpec(),
    fields: [
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .l1: "mean absolute error"
          case .l2: "mean squared error"
          }
        }, synonyms: ["type", "loss"], "Which distance is used."),
      Field("weight", \.weight, .number(.nonNegative), synonyms: ["reconstruction_weight"], "Weight of the loss."),
      weightSchedule(\.schedule),
    ])

  static let disentanglement = Record<DisentanglementSpec>(
    "Mean squared cosine between the codes of every pair of codebooks, which must have one dimension.",
    prototype: DisentanglementSpec(),
    fields: [
      Field(
        "weight", \.weight, .number(.nonNegative), synonyms: ["disentanglement_ratio", "ratio"],
        "Weight of the loss; 0, which is the default of all quantizers but `vq`, turns it off."),
      weightSchedule(\.schedule),
    ])
}
