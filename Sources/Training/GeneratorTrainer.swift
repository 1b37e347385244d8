import Imaging
import Models
import Runtime
import Spec
import Storage

/// Trains the generator of a session on extracted codes.
struct GeneratorTrainer {
  let session: ModelSession
  let codes: CodeSet
  let classes: Int
  let run: RunDirectory
  let observer: any TrainingObserver

  func train(resume: Bool, stepLimit: Int?, firstStep: Int, log: JSONLinesLog) throws {
    let spec = session.spec
    let stage = spec.training.generator.stage
    let total = stage.totalSteps(samples: codes.count)
    guard let generator = Generator(spec, classes: classes) else { return }
    let program = try session.compile(generator.trainProgram(batch: stage.batch, totalSteps: total))
    var start = 0
    if resume, let newest = run.checkpoints(.generator).last {
      start = try Checkpoint.load(session.store, stage: .generator, path: newest.path)
      observer.note("generator: resumed after step \(start)")
    }
    let end = min(total, stepLimit ?? total)
    guard start < end else { return }
    let terms = program.plan.program.outputs.map(\.name)
    var clock = StepClock(step: start, total: total, batch: stage.batch)
    var order: (epoch: Int, indices: [Int32]) = (-1, [])
    for step in start..<end {
      try fill(program, step: step, batch: stage.batch, &order)
      program.run()
      let done = step + 1
      if done % stage.logEvery == 0 || done == end || done == 1 {
        let measures = try terms.map { (name: $0, value: Double(try program.output($0)[0])) }
        guard let loss = measures.first?.value, loss.isFinite else {
          throw TrainingError(
            description: "generator: the loss is not finite at step \(done); lower the learning rate or `clip`")
        }
        let progress = clock.report(.generator, step: done, measures: measures)
        observer.progress(progress)
        try log.append(progress.fields(step: firstStep + done))
      }
      let stopping = observer.wantsStop
      if done % stage.checkpointEvery == 0 || done == end || stopping {
        try log.synchronize()
        try Checkpoint.save(
          session.store, stage: .generator, step: done, path: run.checkpointPath(.generator, step: done),
          name: spec.name)
        run.prune(.generator)
      }
      if stage.sampleEvery > 0 && (done % stage.sampleEvery == 0 || done == end) {
        try ClassSheet(session, classes: classes).write(
          "\(run.samplesPath)/generator-\(done).png", perClass: 6, seed: 0)
      }
      if stopping { throw StopRequest() }
    }
  }

  /// Writes the batch of a step; which samples it holds depends on the seed and the step alone.
  private func fill(
    _ program: Executable, step: Int, batch: Int, _ order: inout (epoch: Int, indices: [Int32])
  ) throws {
    let labels = try program.integerInput("labels")
    let inputs = try session.spec.tokenizer.codebooks.map { try program.integerInput("codes.\($0.name)") }
    for row in 0..<batch {
      let (epoch, position) = (step * batch + row).quotientAndRemainder(dividingBy: codes.count)
      if order.epoch != epoch {
        let seed = UInt64(bitPattern: Int64(session.spec.training.seed)) &+ 0x9E37_79B9
        order = (epoch, epochOrder(count: codes.count, seed: seed, epoch: epoch))
      }
      let sample = Int(order.indices[position])
      labels[row] = codes.labels[sample]
      for (input, codes) in zip(inputs, codes.codes) {
        for token in 0..<self.codes.tokens {
          input[row * self.codes.tokens + token] = codes[sample * self.codes.tokens + token]
        }
      }
    }
    if program.hasInput("key") {
      let key = try program.integerInput("key")
      key[0] = Int32(truncatingIfNeeded: session.spec.training.seed)
      key[1] = Int32(truncatingIfNeeded: step)
    }
  }
}

/// Sheets of generated images, one row per class.
public struct ClassSheet {
  private let session: ModelSession
  private let classes: Int

  /// Sheets of a session's generator.
  public init(_ session: ModelSession, classes: Int) {
    self.session = session
    self.classes = classes
  }

  /// Generates `perClass` images of every class and writes them as a PNG sheet.
  public func write(_ path: String, perClass: Int, seed: Int32) throws {
    let sampling = session.spec.sampling
    let shown = min(classes, 32)
    let labels = (0..<shown).flatMap { Array(repeating: Int32($0), count: perClass) }
    let sampler = try Sampler(
      session, classes: classes, count: labels.count, guidance: Float(sampling.guidance))
    let codes = try sampler.generate(labels: labels, seed: seed, settings: SamplingSettings(sampling))
    let images = try Decoder(session, batch: 10).decode(codes)
    let rows = (0..<shown).map { Array(images[$0 * perClass..<($0 + 1) * perClass]) }
    if let sheet = ImageSheet().compose(groups: [rows]) { try PNGWriter.write(sheet, to: path) }
  }
}

extension SamplingSettings {
  /// The settings of a spec's `sampling` section.
  public init(_ spec: SamplingSpec) {
    self.init(temperature: Float(spec.temperature), topK: spec.topK, topP: Float(spec.topP))
  }
}
