import Diagnostics

/// Adam would ignore a weight decay.
enum WeightDecayCheck: SpecCheck {
  static let reads = ["training", "losses.adversarial"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    var optimizers = [
      ("training.tokenizer", spec.training.tokenizer.optimizer),
      ("training.generator", spec.training.generator.stage.optimizer),
    ]
    if let game = spec.losses.adversarial {
      optimizers.append(("losses.adversarial.discriminator", game.discriminator.optimizer))
    }
    return optimizers.compactMap { path, optimizer in
      guard optimizer.kind == .adam, optimizer.weightDecay > 0 else { return nil }
      return finding(
        "`adam` has no weight decay",
        [
          Involved("\(path).optimizer.weight_decay", "would have no effect"),
          Involved("\(path).optimizer.kind", "`adam`"),
        ], places,
        help: ["write `kind: adamw`, or remove `weight_decay`"])
    }
  }

  static let kind = DiagnosticKind(
    "F0311", "a weight decay that the optimizer does not have",
    explanation: """
      `adam` is Adam without weight decay; `adamw` decays the weights of matrices apart from the gradient. A decay that
      is written but not applied would mislead, so it is refused.
      """,
    wrong: .text(
      DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { optimizer: { kind: adam, weight_decay: 0.05 } } }"),
    right: DiagnosticKind.smallestSpec
      + "\ntraining: { tokenizer: { optimizer: { kind: adamw, weight_decay: 0.05 } } }")
}
