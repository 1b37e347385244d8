import Foundation
import Imaging
import Spec
import Storage

@testable import Training

/// A folder of small pictures in two classes, removed at the end, and a model that trains on it in a moment.
final class TinyModel {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "facet-training-\(UUID().uuidString)"
    for (label, name) in ["bars", "dots"].enumerated() {
      let path = "\(folder)/images/\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for index in 0..<5 { try PNGWriter.write(Self.picture(label, index), to: "\(path)/\(index).png") }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A picture of 20 x 18 pixels whose look depends on its class and number.
  static func picture(_ label: Int, _ index: Int) -> RGBImage {
    var random = CounterRandom(seed: 5, epoch: label, sample: index)
    let colour = (0..<3).map { _ in UInt8(random.below(256)) }
    var bytes: [UInt8] = []
    for y in 0..<18 {
      for x in 0..<20 {
        let (dx, dy) = (x % 5 - 2, y % 5 - 2)
        let isInk = label == 0 ? (x + index) % 6 < 3 : dx * dx + dy * dy < 4
        bytes += isInk ? colour : [255, 255, 255]
      }
    }
    return RGBImage(width: 20, height: 18, bytes: bytes)
  }

  /// A model of both stages with every kind of state: dropout, moving averages, moments, usage windows.
  var spec: ModelSpec {
    var spec = ModelSpec(
      name: "tiny", image: ImageSpec(size: 16),
      tokenizer: TokenizerSpec(
        encoder: EncoderSpec(
          channels: 8, multipliers: [1, 2], residualBlocks: 1, latentChannels: 8, normGroups: 4, dropout: 0.1),
        adapter: AdapterSpec(layers: 1, heads: 2),
        codebooks: [CodebookSpec(name: "first", size: 16, dim: 4), CodebookSpec(name: "second", size: 9, dim: 4)]))
    spec.generator = GeneratorSpec(layers: 1, width: 16, heads: 2, headLayers: 1)
    spec.data = DataSpec(path: "\(folder)/images", crop: .random, onError: .skip)
    spec.training.seed = 3
    spec.training.tokenizer = StageSpec(
      batch: 4, length: .steps(7), schedule: ScheduleSpec(kind: .cosine, warmup: 2, final: 0.1), ema: 0.9,
      checkpointEvery: 3, logEvery: 1, sampleEvery: 3)
    spec.training.generator.stage = StageSpec(
      batch: 4, length: .steps(7), optimizer: OptimizerSpec(kind: .adamw, weightDecay: 0.05),
      schedule: ScheduleSpec(kind: .cosine, warmup: 2, final: 0.1), ema: 0.9, checkpointEvery: 3, logEvery: 1,
      sampleEvery: 0)
    return spec
  }

  /// A run of this name in the folder.
  func run(_ name: String) -> RunDirectory { RunDirectory("\(folder)/\(name)") }

  /// Trains the spec into a run.
  func train(
    _ run: RunDirectory, _ spec: ModelSpec? = nil, stages: Set<Checkpoint.Stage> = [.tokenizer, .generator],
    resume: Bool = false, stepLimit: Int? = nil, threads: Int? = nil, observer: Witness = Witness()
  ) throws {
    try TrainingRun(spec ?? self.spec, run: run, observer: observer)
      .train(stages: stages, resume: resume, stepLimit: stepLimit, threadCount: threads)
  }

  /// The bytes of the newest checkpoint of a stage.
  func checkpoint(_ run: RunDirectory, _ stage: Checkpoint.Stage) throws -> Data {
    let newest = run.checkpoints(stage).last
    return try Data(contentsOf: URL(fileURLWithPath: newest?.path ?? "\(run.path) has no \(stage.rawValue)"))
  }

  /// The lines of the run's log without what depends on the clock.
  func log(_ run: RunDirectory) throws -> [[String: String]] {
    try String(contentsOfFile: run.metricsPath, encoding: .utf8).split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      return object.filter { $0.key != "samples_per_second" }.mapValues { "\($0)" }
    }
  }
}

/// Remembers what a run says, and asks it to stop after a number of reports.
final class Witness: TrainingObserver {
  private let stopAfter: Int?
  private(set) var notes: [String] = []
  private(set) var reports: [TrainingProgress] = []

  init(stopAfter: Int? = nil) { self.stopAfter = stopAfter }

  var wantsStop: Bool { stopAfter.map { reports.count >= $0 } ?? false }
  func progress(_ progress: TrainingProgress) { reports.append(progress) }
  func note(_ text: String) { notes.append(text) }
}
