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
    let books = spec.tokenizer.codebooks
    let total = stage.totalSteps(samples: data.folder.count)
    let training = try TokenizerStep(session, totalSteps: total, cacheFolder: run.path)
    var usage = books.map { UsageWindow(size: $0.size) }
    var start = 0
    if resume, let newest = run.checkpoints(.tokenizer).last {
      let state = try Checkpoint.load(session.store, stage: .tokenizer, path: newest.path)
      start = state.step
      usage = books.map { UsageWindow(size: $0.size, history: state.usage[$0.name] ?? []) }
      observer.note("tokenizer: goes on after step \(start)")
      observer.note(.tokenizer, beginsAnew: state.fresh)
    }
    let end = max(start, min(total, stepLimit ?? total))
    guard start < end else { return }
    try training.ports(start)
    let bufferCount = 3
    try MemoryBudget.check("the data", bytes: bufferCount * stage.batch * spec.image.size * spec.image.size * 12)
    // A run that goes on from a checkpoint, if only an imported one, has its codebooks.
    if !(resume && !run.checkpoints(.tokenizer).isEmpty) { try startCodebooks(training) }
    let unreadable = Notices(observer)
    let source = data.training(batch: stage.batch) { unreadable.add("\($1)") }
    let buffers = (0..<bufferCount).map { _ in BatchBuffer(batch: stage.batch, size: spec.image.size) }
    let loader = BatchLoader(source: source, buffers: buffers, steps: start..<end)
    defer { loader.stop() }
    let pictures = SampleSheets(of: session) { try ReconstructionSheet($0, data, count: 16) }
    var journal = StageJournal(
      .tokenizer, stage, run: run, observer: observer, log: log, firstStep: 0, start: start, end: end, total: total)
    while let batch = try loader.next() {
      unreadable.flush()
      let ports = try training.run(batch.buffer.pixels, step: batch.step)
      for index in usage.indices { usage[index].add(ports.codes[index]) }
      try journal.stepDone(
        batch.step + 1, loss: ports.loss[0], gradientNorm: ports.gradientNorm[0],
        rivalNorm: training.discriminatorNorm,
        measures: {
          training.measures
            + zip(books, usage).flatMap {
              [("usage.\($0.name)", $1.usage), ("perplexity.\($0.name)", $1.perplexity)]
            }
        },
        save: {
          try training.saveCaches()
          try Checkpoint.save(
            session.store, stage: .tokenizer, step: batch.step + 1, path: $0, name: spec.name,
            usage: Dictionary(uniqueKeysWithValues: zip(books.map(\.name), usage)))
        },
        draw: { path in try pictures.draw { try $0.write(to: path) } })
    }
  }

  /// Sets the codebooks from the batches with which the run will begin.
  private func startCodebooks(_ training: TokenizerStep) throws {
    let batch = session.spec.training.tokenizer.batch
    let tokenizer = Tokenizer(session.spec)
    guard tokenizer.startsByClustering else { return }
    let count = tokenizer.startBatches(batch: batch)
    // What cannot be read is told when the run comes to it.
    let source = data.training(batch: batch) { _, _ in }
    let buffers = (0..<2).map { _ in BatchBuffer(batch: batch, size: session.spec.image.size) }
    let loader = BatchLoader(source: source, buffers: buffers, steps: 0..<count)
    defer { loader.stop() }
    try training.startCodebooks {
      guard let next = try loader.next() else {
        throw TrainingError(description: "there are no pictures to start from")
      }
      return next.buffer.pixels
    }
  }
}
