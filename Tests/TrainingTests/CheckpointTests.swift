import Foundation
import Models
import Spec
import Testing

@testable import Training

/// Checkpoints that are damaged, of another stage or of another model are refused with their name.
struct CheckpointTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test func aTrainedModelIsTheAveragedOne() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run)
    let trained = try TrainedModel(run.path, needsGenerator: true)
    #expect(trained.tokenizerStep == 7 && trained.generatorStep == 7)
    #expect(trained.classes == ["bars", "dots"])
    let raw = try ModelSession(model.spec)
    try raw.store.add(Tokenizer(model.spec).trainProgram(batch: 4, totalSteps: 7))
    _ = try Checkpoint.load(raw.store, stage: .tokenizer, path: run.checkpoints(.tokenizer)[1].path)
    let name = "decoder.conv_out.weight"
    _ = try trained.session.compile(Tokenizer(model.spec).decodeProgram(batch: 1))
    let values = try #require(trained.session.store.floats(name))
    let averages = try #require(raw.store.floats("average." + name))
    let weights = try #require(raw.store.floats(name))
    #expect(Array(values) == Array(averages))
    #expect(Array(values) != Array(weights))
  }

  @Test func wrongFilesAreNamed() throws {
    let model = try TinyModel()
    let run = model.run("run")
    #expect(message { _ = try TrainedModel(run.path, needsGenerator: false) }.contains("no such folder"))
    try model.train(run, stages: [.tokenizer], stepLimit: 1)
    let path = try #require(run.checkpoints(.tokenizer).last?.path)
    #expect(message { _ = try TrainedModel(run.path, needsGenerator: true) }.contains("no generator checkpoint"))
    let session = try ModelSession(model.spec)
    #expect(
      message { try Checkpoint.loadForInference(session.store, stage: .generator, path: path) }
        .contains("not a checkpoint of the generator stage"))
    var wider = model.spec
    wider.tokenizer.encoder.latentChannels = 12
    let other = try ModelSession(wider)
    try other.store.add(Tokenizer(wider).encodeProgram(batch: 1))
    #expect(
      message { try Checkpoint.loadForInference(other.store, stage: .tokenizer, path: path) }
        .contains("'average.encoder.head.first.conv.bias' has shape [8], the model needs [12]"))
    try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(9).write(to: URL(fileURLWithPath: path))
    #expect(message { _ = try TrainedModel(run.path, needsGenerator: false) }.contains(path))
  }

  /// Parts that were frozen, averages that were not kept, a discriminator that was not there: all may come later.
  @Test func whatASpecAsksForLaterBeginsAnew() throws {
    let model = try TinyModel()
    let run = model.run("run")
    var first = model.spec
    first.training.tokenizer.freeze = [.encoder, .codebook]
    try model.train(run, first, stages: [.tokenizer], stepLimit: 3)
    let before = try #require(run.checkpoints(.tokenizer).last?.path)
    var second = model.spec
    second.tokenizer.quantizer.ema = 0.9
    second.losses.adversarial = AdversarialSpec(
      start: .step(4), lecam: 0.01, discriminator: DiscriminatorSpec(channels: 4, layers: 2))
    let session = try ModelSession(second)
    try session.add(Tokenizer(second).trainProgram(batch: 4, totalSteps: 7, adversarial: true))
    let state = try Checkpoint.load(session.store, stage: .tokenizer, path: before)
    func floats(_ name: String) throws -> [Float] {
      try withExtendedLifetime(session) { Array(try #require(session.store.floats(name))) }
    }
    #expect(state.step == 3)
    #expect(state.fresh.contains("tokenizer.moment1.encoder.conv_in.weight"))
    #expect(state.fresh.contains("discriminator.conv.0.weight") && !state.fresh.contains("encoder.conv_in.weight"))
    #expect(try floats("quantizer.first.sum") == floats("quantizer.first.codebook"))
    #expect(try floats("average.encoder.conv_in.weight") == floats("encoder.conv_in.weight"))
    #expect(try floats("tokenizer.moment2.encoder.conv_in.weight").allSatisfy { $0 == 0 })

    let witness = Witness()
    try model.train(run, second, stages: [.tokenizer], resume: true, observer: witness)
    #expect(witness.notes.contains { $0.contains("the checkpoint lacks state that the spec asks for") })
    #expect(witness.reports.last?.measures.contains { $0.name == "discriminator.loss" } == true)
  }

  @Test func whatNoCheckpointCanGiveIsRefused() throws {
    let model = try TinyModel()
    let run = model.run("run")
    var spec = model.spec
    spec.tokenizer.codebooks[1].size = 16
    try model.train(run, spec, stages: [.tokenizer], stepLimit: 1)
    var cube = spec
    (cube.tokenizer.quantizer.kind, cube.tokenizer.quantizer.normalize) = (.lfq, false)
    #expect(
      message { try model.train(run, cube, stages: [.tokenizer], resume: true) }
        .contains("tokenizer.quantizer.kind: vq -> lfq"))
  }
}
