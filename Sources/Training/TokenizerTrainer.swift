import Foundation
import Imaging
import Models
import Runtime
import Spec
import Storage

/// Trains the tokenizer of a session.
struct TokenizerTrainer {
  let session: ModelSession
  let data: TrainingData
  let run: RunDirectory
  let observer: any TrainingObserver

  /// Trains from the newest checkpoint (when resuming) or from the start, for at most `stepLimit` steps in all.
  func train(resume: Bool, stepLimit: Int?, log: JSONLinesLog) throws {
    let spec = session.spec
    let stage = spec.training.tokenizer
    let total = stage.totalSteps(samples: data.folder.count)
    let training = try TokenizerStep(session, totalSteps: total, cacheFolder: run.path)
    var start = 0
    if resume, let newest = run.checkpoints(.tokenizer).last {
      start = try Checkpoint.load(session.store, stage: .tokenizer, path: newest.path)
      observer.note("tokenizer: resumed after step \(start)")
    }
    let end = min(total, stepLimit ?? total)
    guard start < end else { return }
    let noteUnreadable = Notices(observer)
    let source = data.training(batch: stage.batch) { noteUnreadable.add("\($1)") }
    let buffers = (0..<3).map { _ in BatchBuffer(batch: stage.batch, size: spec.image.size) }
    let loader = BatchLoader(source: source, buffers: buffers, steps: start..<end)
    var usage = spec.tokenizer.codebooks.map { UsageWindow(size: $0.size) }
    var clock = StepClock(step: start, total: total, batch: stage.batch)
    while let batch = try loader.next() {
      noteUnreadable.flush()
      try training.run(batch.buffer.pixels, step: batch.step)
      for (index, book) in spec.tokenizer.codebooks.enumerated() {
        usage[index].add(try training.codes(book))
      }
      let done = batch.step + 1
      if done % stage.logEvery == 0 || done == end || done == 1 {
        var measures = try training.measures()
        for (book, window) in zip(spec.tokenizer.codebooks, usage) {
          measures.append(("usage.\(book.name)", window.usage))
          measures.append(("perplexity.\(book.name)", window.perplexity))
        }
        guard let loss = measures.first?.value, loss.isFinite else {
          throw TrainingError(
            description: "tokenizer: the loss is not finite at step \(done); lower the learning rate or `clip`")
        }
        let progress = clock.report(.tokenizer, step: done, measures: measures)
        observer.progress(progress)
        try log.append(progress.fields(step: done))
      }
      let stopping = observer.wantsStop
      if done % stage.checkpointEvery == 0 || done == end || stopping {
        try log.synchronize()
        try training.saveCaches()
        try Checkpoint.save(
          session.store, stage: .tokenizer, step: done, path: run.checkpointPath(.tokenizer, step: done),
          name: spec.name)
        run.prune(.tokenizer)
      }
      if stage.sampleEvery > 0 && (done % stage.sampleEvery == 0 || done == end) {
        try Reconstructor(session, batch: 16).sheet(data, to: "\(run.samplesPath)/tokenizer-\(done).png")
      }
      if stopping { throw StopRequest() }
    }
    loader.stop()
  }
}

/// The observer asked to stop; everything is saved.
public struct StopRequest: Error {
  /// The request.
  public init() {}
}

/// Passes notices from the data thread to the observer on the training thread.
final class Notices: @unchecked Sendable {
  private let lock = NSLock()
  private var waiting: [String] = []
  private let observer: any TrainingObserver

  init(_ observer: any TrainingObserver) { self.observer = observer }

  func add(_ text: String) { lock.withLock { waiting.append(text) } }

  func flush() {
    let texts = lock.withLock {
      defer { waiting.removeAll() }
      return waiting
    }
    for text in texts { observer.note(text) }
  }
}

/// Measures speed between reports.
struct StepClock {
  private var last = ContinuousClock.now
  private var step: Int
  private let total: Int
  private let batch: Int

  init(step: Int, total: Int, batch: Int) {
    self.step = step
    self.total = total
    self.batch = batch
  }

  mutating func report(
    _ stage: Checkpoint.Stage, step done: Int, measures: [(name: String, value: Double)]
  ) -> TrainingProgress {
    let now = ContinuousClock.now
    let elapsed = max(1e-9, (now - last) / .seconds(1))
    let rate = Double(done - step) / elapsed
    last = now
    step = done
    return TrainingProgress(
      stage: stage, step: done, totalSteps: total, measures: measures, samplesPerSecond: rate * Double(batch),
      secondsLeft: Double(total - done) / max(rate, 1e-9))
  }
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
