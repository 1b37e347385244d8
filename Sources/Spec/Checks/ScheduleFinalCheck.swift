import Diagnostics

/// A constant schedule has no last fraction.
enum ScheduleFinalCheck: SpecCheck {
  static let reads = ["training"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let stages = [
      ("training.tokenizer", spec.training.tokenizer), ("training.generator", spec.training.generator.stage),
    ]
    return stages.compactMap { path, stage in
      guard stage.schedule.kind == .constant, stage.schedule.final > 0 else { return nil }
      return finding(
        "a `constant` schedule does not use `final`",
        [Involved("\(path).schedule.final", "has no effect"), Involved("\(path).schedule.kind", "`constant`")], places,
        help: ["write `kind: cosine`, or remove `final`"])
    }
  }

  static let kind = DiagnosticKind(
    "F0312", "a last learning rate that the schedule does not have", severity: .warning,
    explanation: """
      `final` is the fraction of the learning rate that a `cosine` schedule ends with. A `constant` schedule stays at the
      peak, so `final` has no effect.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { schedule: { final: 0.1 } } }"),
    right: DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { schedule: { kind: cosine, final: 0.1 } } }")
}
