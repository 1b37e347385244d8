import Imaging
import Runtime
import Spec
import Storage

/// What happens after every step of a stage: finite numbers are made sure of, measures are logged, checkpoints and
/// pictures are written, and a request to stop is granted once everything is saved.
struct StageJournal {
  let stage: Checkpoint.Stage
  let settings: StageSpec
  let run: RunDirectory
  let observer: any TrainingObserver
  let log: JSONLinesLog
  /// Added to the stage's steps in the log, which counts over both stages.
  let firstStep: Int
  /// Steps of the stage, and the last one of this run.
  let total: Int
  let end: Int
  private var clock: StepClock

  /// A journal of a stage that goes on after `start` steps.
  init(
    _ stage: Checkpoint.Stage, _ settings: StageSpec, run: RunDirectory, observer: any TrainingObserver,
    log: JSONLinesLog, firstStep: Int, start: Int, end: Int, total: Int
  ) {
    self.stage = stage
    self.settings = settings
    self.run = run
    self.observer = observer
    self.log = log
    self.firstStep = firstStep
    self.total = total
    self.end = end
    clock = StepClock(step: start)
  }

  /// A step was done.
  ///
  /// - Parameters:
  ///   - done: Steps done, counted from 1.
  ///   - loss: The loss and the gradient norm of the step.
  ///   - rivalNorm: The discriminator's gradient norm where one plays. A discriminator that is lost shows in the loss only
  ///     in the next step, with a checkpoint between.
  ///   - measures: What the log says about the step; asked for when it is due.
  ///   - save: Writes a checkpoint to a path.
  ///   - draw: Writes sample pictures to a path.
  /// - Throws: `TrainingError` when the loss is not finite, `StopRequest` after saving.
  mutating func stepDone(
    _ done: Int, loss: Float, gradientNorm: Float, rivalNorm: Float? = nil,
    measures: () -> [(name: String, value: Double)],
    save: (_ path: String) throws -> Void, draw: (_ path: String) throws -> Void
  ) throws {
    guard loss.isFinite && gradientNorm.isFinite else {
      throw diverged(done, "loss \(loss), gradient norm \(gradientNorm)")
    }
    if let rivalNorm, !rivalNorm.isFinite { throw diverged(done, "gradient norm of the discriminator \(rivalNorm)") }
    if done % settings.logEvery == 0 || done == end || done == 1 {
      let (rate, secondsLeft) = clock.report(step: done, left: end - done)
      let progress = TrainingProgress(
        stage: stage, step: done, totalSteps: end, measures: measures(),
        samplesPerSecond: rate * Double(settings.batch), secondsLeft: secondsLeft)
      observer.progress(progress)
      try log.append(progress.fields(step: firstStep + done))
    }
    let stopping = observer.wantsStop
    if done % settings.checkpointEvery == 0 || done == end || stopping {
      clock.pause()
      try log.synchronize()
      try save(run.checkpointPath(stage, step: done))
      run.prune(stage)
    }
    if settings.sampleEvery > 0 && done % settings.sampleEvery == 0 && !stopping {
      clock.pause()
      try draw("\(run.samplesPath)/\(stage.rawValue)-\(done).png")
    }
    clock.resume()
    if stopping && done < end { throw StopRequest() }
  }

  private func diverged(_ done: Int, _ numbers: String) -> TrainingError {
    let saved = run.checkpoints(stage).last.map { "the checkpoint of step \($0.step) is sound" }
    return TrainingError(
      description:
        "\(stage.rawValue): training diverged at step \(done) (\(numbers)); "
        + "lower the learning rate, lengthen the warm-up or lower `clip`; \(saved ?? "nothing was saved yet")")
  }
}

/// The observer asked to stop; everything is saved.
public struct StopRequest: Error {
  /// The request.
  public init() {}
}

extension TrainingProgress {
  /// The line of metrics.jsonl; `step` counts over both stages.
  func fields(step: Int) -> [(name: String, value: LogValue)] {
    let head: [(name: String, value: LogValue)] = [
      ("step", .int(step)), ("stage", .string(stage.rawValue)), ("stage_step", .int(self.step)),
    ]
    return head + measures.map { ($0.name, .double($0.value)) } + [("samples_per_second", .double(samplesPerSecond))]
  }
}
