import Foundation
import Models
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
}
