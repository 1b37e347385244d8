/// What a training run tells whoever watches it.
public struct TrainingProgress: Sendable {
  /// The stage.
  public var stage: Checkpoint.Stage
  /// Steps done.
  public var step: Int
  /// Steps of the stage.
  public var totalSteps: Int
  /// Measures of the step by name, in order.
  public var measures: [(name: String, value: Double)]
  /// Samples per second since the last report.
  public var samplesPerSecond: Double
  /// Estimated seconds to the end of the stage.
  public var secondsLeft: Double
}

/// Receives news of a training run; calls come from the training thread.
public protocol TrainingObserver {
  /// A step worth reporting was done.
  func progress(_ progress: TrainingProgress)
  /// Something happened: a file was written or could not be read, a stage began.
  func note(_ text: String)
  /// Asked after every step and between batches of encoding: whether to save and stop.
  var wantsStop: Bool { get }
}

extension TrainingObserver {
  /// Says which state a checkpoint did not have.
  func note(_ stage: Checkpoint.Stage, beginsAnew names: [String]) {
    guard let first = names.first else { return }
    let rest = names.count > 1 ? " and \(names.count - 1) more begin" : " begins"
    note("\(stage.rawValue): the checkpoint lacks state that the spec asks for: \(first)\(rest) anew")
  }
}
