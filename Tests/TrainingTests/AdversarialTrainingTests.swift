import Foundation
import IR
import Imaging
import Models
import Spec
import Storage
import Testing

@testable import Training

/// Runs with a discriminator: its state is part of the run.
struct AdversarialTrainingTests {
  private func spec(_ model: TinyModel) -> ModelSpec {
    var spec = model.spec
    spec.losses.adversarial = AdversarialSpec(
      start: .step(2), lecam: 0.01, discriminator: DiscriminatorSpec(channels: 4, layers: 2))
    return spec
  }

  /// Stops in the game, so that all of the discriminator's state must come back.
  @Test func aResumedGameEqualsAnUninterruptedOne() throws {
    let model = try TinyModel()
    let (whole, broken) = (model.run("whole"), model.run("broken"))
    try model.train(whole, spec(model), stages: [.tokenizer])
    #expect(throws: StopRequest.self) {
      try model.train(broken, spec(model), stages: [.tokenizer], observer: Witness(stopAfter: 4))
    }
    try model.train(broken, spec(model), stages: [.tokenizer], resume: true)
    #expect(try model.checkpoint(whole, .tokenizer) == model.checkpoint(broken, .tokenizer))
    #expect(try model.log(whole) == model.log(broken))
  }

  /// The steps before the discriminator begins would fit.
  @Test func memoryThatTheGameWillNotHaveIsMissedAtOnce() throws {
    let model = try TinyModel()
    var spec = spec(model)
    spec.losses.adversarial?.discriminator.channels = 96
    let tokenizer = Tokenizer(spec)
    let batch = spec.training.tokenizer.batch
    func smallest(_ program: Program) -> Int {
      var compiler = ProgramCompiler()
      compiler.memoryLimit = 1
      do { _ = try compiler.compile(program) } catch { return (error as? MemoryLimitError)?.smallest ?? 0 }
      return 0
    }
    let before = smallest(try tokenizer.trainProgram(batch: batch, totalSteps: 7, adversarial: false))
    let game = smallest(try tokenizer.trainProgram(batch: batch, totalSteps: 7, adversarial: true))
    let limit = (before >> 20) + 1
    try #require(before > 0 && limit << 20 < game, "\(before), \(game)")
    spec.training.memoryLimit = limit
    let run = model.run("run")
    let witness = Witness()
    #expect(throws: MemoryLimitError.self) {
      try model.train(run, spec, stages: [.tokenizer], observer: witness)
    }
    #expect(witness.reports.isEmpty)
  }

  @Test func runningStatisticsAreTrainedStateThatInferenceReads() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run, spec(model), stages: [.tokenizer])
    let path = try #require(run.checkpoints(.tokenizer).last?.path)
    let file = try SafetensorsFile(path: path)
    let names = [1, 2].flatMap { ["norm.\($0).running_mean", "norm.\($0).running_variance"] }
      .map { "discriminator.\($0)" }
    for name in names {
      let fresh: Float = name.hasSuffix("mean") ? 0 : 1
      #expect(try file.floats(name).allSatisfy { $0 != fresh && $0.isFinite }, "\(name) did not move")
    }
    let session = try ModelSession(spec(model))
    try session.add(try #require(Tokenizer(session.spec).discriminatorLogitsProgram(batch: 2)))
    try Checkpoint.loadForInference(session.store, stage: .tokenizer, path: path)
    for name in names + ["discriminator.conv.1.weight"] {
      #expect(Array(try #require(session.store.floats(name))) == (try file.floats(name)), "\(name)")
    }
    withExtendedLifetime(session) {}
  }

  @Test func evaluationAsksADiscriminatorThatHasBegun() throws {
    let model = try TinyModel()
    let (run, spec) = (model.run("run"), spec(model))
    func evaluation() throws -> Evaluation {
      try TrainedModel(run.path, needsGenerator: false).evaluate(nil) { Issue.record("\($0)") }
    }
    try model.train(run, spec, stages: [.tokenizer], stepLimit: 2)
    let before = try evaluation()
    #expect(before.discriminator == nil && !before.json.contains("discriminator"))
    try model.train(run, spec, stages: [.tokenizer], resume: true)
    let found = try #require(try evaluation().discriminator)

    let session = try ModelSession(spec)
    let program = try session.compile(try #require(Tokenizer(spec).discriminatorLogitsProgram(batch: 1)))
    let path = try #require(run.checkpoints(.tokenizer).last?.path)
    try Checkpoint.loadForInference(session.store, stage: .tokenizer, path: path)
    let data = try TrainingData(spec, path: spec.data?.path)
    let reconstructor = try Reconstructor(TrainedModel(run.path, needsGenerator: false).session, batch: 1)
    func mean(_ image: Image) throws -> Double {
      _ = try program.input("image").update(from: image.pixels)
      program.run()
      let logits = try program.output("logits")
      return logits.reduce(0) { $0 + Double($1) } / Double(logits.count)
    }
    var (real, reconstructed) = (0.0, 0.0)
    for index in 0..<data.folder.count {
      let image = try data.centered(index)
      real += try mean(image) / Double(data.folder.count)
      reconstructed += try mean(try reconstructor.reconstruct([image]).images[0]) / Double(data.folder.count)
    }
    #expect(abs(found.real - real) < 1e-5 && abs(found.reconstructed - reconstructed) < 1e-5)
    #expect(found.real != found.reconstructed)
  }

  /// What inference would miss is named.
  @Test func aCheckpointWithoutADiscriminatorIsRefused() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run, stages: [.tokenizer], stepLimit: 1)
    let session = try ModelSession(spec(model))
    try session.add(try #require(Tokenizer(session.spec).discriminatorLogitsProgram(batch: 2)))
    let path = try #require(run.checkpoints(.tokenizer).last?.path)
    let error = #expect(throws: (any Error).self) {
      try Checkpoint.loadForInference(session.store, stage: .tokenizer, path: path)
    }
    #expect("\(try #require(error))".contains("discriminator."))
  }

  /// A discriminator that is lost ends the run before it reaches a checkpoint.
  @Test func noCheckpointHoldsALostDiscriminator() throws {
    let model = try TinyModel()
    let run = model.run("run")
    var spec = spec(model)
    // Steps so long that the square of the penalty's gradient overflows while the decoder's numbers are finite.
    spec.losses.adversarial = AdversarialSpec(
      start: .step(1), r1: 1,
      discriminator: DiscriminatorSpec(
        kind: .residual, channels: 4, layers: 1, optimizer: OptimizerSpec(learningRate: 30), clip: 0))
    spec.training.tokenizer.checkpointEvery = 1
    let error = #expect(throws: TrainingError.self) { try model.train(run, spec, stages: [.tokenizer]) }
    #expect(try #require(error).description.contains("gradient norm of the discriminator inf"))
    let path = try #require(run.checkpoints(.tokenizer).last?.path)
    let file = try SafetensorsFile(path: path)
    for name in file.tensors.keys where file.tensors[name]?.type.readsAsFloat == true {
      #expect(try file.floats(name).allSatisfy(\.isFinite), "\(name)")
    }
  }
}
