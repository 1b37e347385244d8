import Imaging
import Models
import Runtime
import Spec
import Storage

/// Trains the generator of a session on extracted codes. The session's store also holds the tokenizer, for pictures.
struct GeneratorTrainer {
  let session: ModelSession
  let codes: CodeSet
  let classes: Int
  let run: RunDirectory
  let observer: any TrainingObserver

  /// Trains from the newest checkpoint (when resuming) or from the start, for at most `stepLimit` steps in all.
  ///
  /// - Parameter firstStep: Added to the steps in the log.
  func train(resume: Bool, stepLimit: Int?, firstStep: Int, log: JSONLinesLog) throws {
    let spec = session.spec
    let stage = spec.training.generator.stage
    let total = stage.totalSteps(samples: codes.count)
    guard let generator = Generator(spec, classes: classes) else { return }
    let program = try session.compile(generator.trainProgram(batch: stage.batch, totalSteps: total))
    var start = 0
    if resume, let newest = run.checkpoints(.generator).last {
      let state = try Checkpoint.load(session.store, stage: .generator, path: newest.path)
      start = state.step
      observer.note("generator: goes on after step \(start)")
      observer.note(.generator, beginsAnew: state.fresh)
    }
    let end = max(start, min(total, stepLimit ?? total))
    guard start < end else { return }

    let labels = try program.integerInput("labels")
    let inputs = try spec.tokenizer.codebooks.map { try program.integerInput("codes.\($0.name)") }
    let key = try RandomKey(program)
    let (loss, norm) = (try program.output("loss.total"), try program.output("gradient_norm"))
    let terms = try program.plan.program.outputs.map { (name: $0.name, value: try program.output($0.name)) }
    var batches = CodeBatches(codes, batch: stage.batch, seed: spec.training.seed)
    let pictures = SampleSheets(of: session) { try ClassSheet($0, classes: classes, perClass: 6) }
    var journal = StageJournal(
      .generator, stage, run: run, observer: observer, log: log, firstStep: firstStep, start: start, end: end,
      total: total)
    for step in start..<end {
      batches.fill(step: step, labels: labels, inputs: inputs)
      key.set(seed: spec.training.seed, step: step)
      program.run()
      try journal.stepDone(
        step + 1, loss: loss[0], gradientNorm: norm[0],
        measures: { terms.map { ($0.name, Double($0.value[0])) } },
        save: {
          try Checkpoint.save(session.store, stage: .generator, step: step + 1, path: $0, name: spec.name)
        },
        draw: { path in try pictures.draw { try $0.write(to: path, seed: 0) } })
    }
  }
}
