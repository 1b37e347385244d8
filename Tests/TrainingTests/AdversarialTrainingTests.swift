import Foundation
import IR
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
}
