import Diagnostics

/// A loss whose weight rises from 0 must begin to rise before its run ends.
enum ScheduleBeginCheck: SpecCheck {
  static let reads = ["losses", "tokenizer.quantizer", "training.tokenizer"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard case .steps(let steps) = spec.training.tokenizer.length else { return [] }
    return spec.weightSchedules.compactMap { path, schedule in
      guard schedule.staysAtZero(within: steps) else { return nil }
      return finding(
        "`\(path)` never begins: its schedule waits for step \(schedule.start) of a run of \(steps) steps",
        [
          Involved("\(path).schedule.start", "step \(schedule.start)"),
          Involved("training.tokenizer.steps", "\(steps) steps in all"),
        ], places, help: ["write a smaller `start`, or `weight: 0` to turn it off"])
    }
  }

  static let kind = DiagnosticKind(
    "F0325", "a schedule that never begins",
    explanation: """
      The weight of a loss with a schedule is `from` times its weight up to the step `start`. Where `from` is 0 and the
      run ends before that step, the loss would never have an effect.
      """,
    wrong: .text(scheduled("start: 20000")), right: scheduled("start: 1000"))

  private static func scheduled(_ start: String) -> String {
    DiagnosticKind.smallestSpec + """

      losses: { reconstruction: { schedule: { kind: linear, \(start) } } }
      training: { tokenizer: { steps: 5000 } }
      """
  }
}

extension WeightSchedule {
  /// Whether any of the steps 0..<steps has another factor than `from`.
  func begins(within steps: Int) -> Bool { kind == .step ? start < steps : start < steps - 1 }

  /// Whether all of the steps 0..<steps have the factor 0.
  public func staysAtZero(within steps: Int) -> Bool { kind != .constant && from == 0 && !begins(within: steps) }
}

extension ModelSpec {
  /// The schedules of the tokenizer's training with the paths of their owners, those that are turned off aside.
  public var weightSchedules: [(path: String, schedule: WeightSchedule)] {
    var found: [(path: String, schedule: WeightSchedule)] = []
    func add(_ path: String, _ weight: Double, _ schedule: WeightSchedule) {
      if weight > 0 { found.append((path, schedule)) }
    }
    add("losses.reconstruction", losses.reconstruction.weight, losses.reconstruction.schedule)
    if let perceptual = losses.perceptual { add("losses.perceptual", perceptual.weight, perceptual.schedule) }
    add("losses.disentanglement", losses.disentanglement.weight, losses.disentanglement.schedule)
    add("losses.representation", losses.representation.weight, losses.representation.schedule)
    let quantizer = tokenizer.quantizer
    add("tokenizer.quantizer.entropy", quantizer.entropy.weight, quantizer.entropy.schedule)
    if let perturbation = quantizer.perturbation {
      add("tokenizer.quantizer.perturbation", perturbation.tokens, perturbation.schedule)
    }
    return found
  }
}
