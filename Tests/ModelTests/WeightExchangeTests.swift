import Foundation
import Imaging
import Models
import Runtime
import Spec
import Storage
import Testing

@testable import Training

/// Weights of the reference implementation come in, give its numbers, and go out as they came.
@Suite(.serialized) struct WeightExchangeTests {
  private struct Silence: TrainingObserver {
    func progress(_ progress: TrainingProgress) {}
    func note(_ text: String) {}
    var wantsStop: Bool { false }
  }

  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("facet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test(arguments: GoldenCase.all)
  func importedModelsReconstructAndExport(_ source: URL) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let golden = try GoldenCase(source)
    var spec = golden.spec
    spec.generator?.classes = golden.classes
    for index in spec.teachers.indices { spec.teachers[index].weights = "/nowhere" }
    let run = RunDirectory(folder.appendingPathComponent("run").path)
    let training = TrainingRun(spec, run: run, observer: Silence())
    let names = (0..<golden.classes).map(String.init)
    for (stage, file) in [(Checkpoint.Stage.tokenizer, golden.tokenizer), (.generator, golden.generator)] {
      let report = try training.importWeights(
        [.safetensors(file)], stage: stage, section: nil, classes: names)
      #expect(report.filled == file.tensors.count)
      #expect(report.unused == [] && report.missing == [])

      let path = folder.appendingPathComponent("\(stage.rawValue).safetensors").path
      let exported = try WeightExchange(spec).export(
        try #require(run.checkpoints(stage).last).path, to: path, average: false)
      #expect(exported.written == file.tensors.count && exported.unnamed == [])
      let back = try SafetensorsFile(path: path)
      #expect(back.tensors.mapValues(\.shape) == file.tensors.mapValues(\.shape))
      for name in file.tensors.keys { #expect(try back.floats(name) == file.floats(name), "\(name)") }
    }

    let model = try TrainedModel(run.path, needsGenerator: true)
    let size = spec.image.size
    let pixels = try golden.channelsLast("image")
    let count = size * size * 3
    let images = (0..<pixels.count / count).map {
      Image(width: size, height: size, pixels: Array(pixels[$0 * count..<($0 + 1) * count]))
    }
    let pictures = try Reconstructor(model.session, batch: images.count).reconstruct(images).images
    #expect(relativeError(pictures.flatMap(\.pixels), try golden.channelsLast("reconstruction")) < 1e-4)
  }

  @Test func whatDoesNotFitIsListed() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var golden = try GoldenCase(try #require(GoldenCase.all.first))
    golden.spec.tokenizer.encoder.latentChannels = 24
    golden.spec.tokenizer.adapter.layers = 2
    let training = TrainingRun(
      golden.spec, run: RunDirectory(folder.appendingPathComponent("run").path), observer: Silence())
    let error = #expect(throws: WeightsError.self) {
      try training.importWeights([.safetensors(golden.tokenizer)], stage: .tokenizer, section: nil, classes: [])
    }
    let text = try #require(error).description
    #expect(text.contains("'decoder.conv_in.weight' must have shape [32, 24, 3, 3], but has [32, 16, 3, 3]"))
    #expect(text.contains("more"))
    #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("run").path))
    golden.spec.tokenizer.quantizer.kind = .residual
    #expect(throws: CheckpointError.self) { try WeightExchange(golden.spec) }
  }
}
