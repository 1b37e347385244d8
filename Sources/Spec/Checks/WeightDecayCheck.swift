import Diagnostics

/// Adam would ignore a weight decay.
enum WeightDecayCheck: SpecCheck {
  static let reads = ["training"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let stages = [
      ("training.tokenizer", spec.training.tokenizer), ("training.generator", spec.training.generator.stage),
    ]
    return stages.compactMap { path, stage in
      guard stage.optimizer.kind == .adam, stage.optimizer.weightDecay > 0 else { return nil }
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
