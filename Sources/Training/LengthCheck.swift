import Models
import Spec

/// What must happen before a stage ends. `facet check` says so where the length is a number of steps; how many steps some
/// epochs are is known only with the data.
enum LengthCheck {
  /// - Throws: `TrainingError` naming the warm-up that does not end.
  static func warmup(_ stage: Checkpoint.Stage, _ settings: StageSpec, steps: Int) throws {
    guard settings.schedule.warmup >= steps else { return }
    throw TrainingError(
      description: "the warm-up of \(settings.schedule.warmup) steps does not end within the \(steps) steps of the "
        + "\(stage.rawValue); write a shorter `warmup`, or more epochs")
  }

  /// - Throws: `TrainingError` where the discriminator never starts.
  static func discriminator(_ spec: ModelSpec, steps: Int) throws {
    guard let start = Tokenizer(spec).adversarialStart(totalSteps: steps), start >= steps else { return }
    throw TrainingError(
      description: "the discriminator would start at step \(start) of a run of \(steps) steps, that is never; write a "
        + "share of the run, for example `start: 0.4`")
  }

  /// - Throws: `TrainingError` naming the schedules of losses that stay at 0.
  static func schedules(_ spec: ModelSpec, steps: Int) throws {
    let late = spec.weightSchedules.filter { $0.schedule.staysAtZero(within: steps) }
    guard !late.isEmpty else { return }
    throw TrainingError(
      description: late.map {
        "`\($0.path)` would never begin: its schedule waits for step \($0.schedule.start) of a run of \(steps) steps"
      }.joined(separator: "\n") + "; write a smaller `start`, or more epochs")
  }
}
