extension SpecSchema {
  static let losses = Record<LossesSpec>(
    "The tokenizer's losses besides those of its quantizers.", prototype: LossesSpec(),
    reserved: [
      "perceptual": "distance of VGG features (LPIPS) between image and reconstruction",
      "adversarial": "a discriminator trained against the decoder",
      "representation": "codebooks that predict the features of frozen networks",
    ],
    fields: [
      Field(
        "reconstruction", \.reconstruction, reconstruction.rule, synonyms: ["rec", "pixel"],
        "Pixel distance between image and reconstruction."),
      Field(
        "disentanglement", \.disentanglement, disentanglement.rule, synonyms: ["disentangle", "orthogonality"],
        "Mean squared cosine between the codes of different codebooks."),
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
    ])

  static let disentanglement = Record<DisentanglementSpec>(
    "Mean squared cosine between the codes of every pair of codebooks, which must have one dimension.",
    prototype: DisentanglementSpec(),
    fields: [
      Field(
        "weight", \.weight, .number(.nonNegative), synonyms: ["disentanglement_ratio", "ratio"],
        "Weight of the loss; 0 turns it off.")
    ])
}
