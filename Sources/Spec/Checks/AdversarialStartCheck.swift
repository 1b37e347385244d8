import Diagnostics

/// A discriminator must begin before its run ends.
enum AdversarialStartCheck: SpecCheck {
  static let reads = ["losses.adversarial", "training.tokenizer"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let adversarial = spec.losses.adversarial, adversarial.weight > 0 else { return [] }
    if case .share(let share) = adversarial.start, share >= 1 {
      return [
        finding(
          "the discriminator never starts: it waits for the end of the run",
          [Involved("losses.adversarial.start", "the whole run")], places,
          help: ["write a smaller share, for example `start: 0.4`, or a whole number of steps"])
      ]
    }
    guard case .steps(let steps) = spec.training.tokenizer.length else { return [] }
    let start = adversarial.start.step(of: steps)
    guard start >= steps else { return [] }
    return [
      finding(
        "the discriminator never starts: it waits for step \(start) of a run of \(steps) steps",
        [
          Involved("losses.adversarial.start", "step \(start)"),
          Involved("training.tokenizer.steps", "\(steps) steps in all"),
        ], places,
        help: [
          "write a share of the run, for example `start: 0.4`, which is step \(RunPoint.share(0.4).step(of: steps))"
        ])
    ]
  }

  static let kind = DiagnosticKind(
    "F0313", "the discriminator never starts",
    explanation: """
      The adversarial loss is off before `start`, which is 20000 steps by default, as in the paper. In a shorter run it
      would never have an effect. A start below 1 is a share of the run and fits runs of any length; `1.0` is the
      whole run, so that nothing is left for the discriminator.
      """,
    wrong: .text(
      DiagnosticKind.smallestSpec + """

        losses: { adversarial: { start: 20000 } }
        training: { tokenizer: { steps: 5000 } }
        """),
    right: DiagnosticKind.smallestSpec + """

      losses: { adversarial: { start: 0.4 } }
      training: { tokenizer: { steps: 5000 } }
      """)
}
