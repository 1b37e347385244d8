import Diagnostics

/// The learning rate must reach its peak before the stage ends.
enum WarmupCheck: SpecCheck {
  static let reads = ["training"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let stages = [
      ("training.tokenizer", spec.training.tokenizer), ("training.generator", spec.training.generator.stage),
    ]
    return stages.compactMap { path, stage in
      guard case .steps(let steps) = stage.length, stage.schedule.warmup >= steps else { return nil }
      return finding(
        "the warm-up of \(stage.schedule.warmup) steps does not end within the stage's \(steps) steps",
        [
          Involved("\(path).schedule.warmup", "\(stage.schedule.warmup) steps of warm-up"),
          Involved("\(path).steps", "\(steps) steps in all"),
        ], places,
        help: ["a warm-up of 1 to 3 percent is common: \(max(1, steps / 50)) steps"])
    }
  }

  static let kind = DiagnosticKind(
    "F0310", "the warm-up is not shorter than the stage",
    explanation: """
      During warm-up the learning rate rises to its peak. When the warm-up is as long as the stage, the peak is never
      reached and the rest of the schedule never starts.
      """,
    wrong: .text(
      DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { steps: 1000, schedule: { warmup: 1000 } } }"),
    right: DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { steps: 1000, schedule: { warmup: 20 } } }")
}
