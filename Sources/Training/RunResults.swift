import Foundation
import Imaging
import Spec
import Storage

/// What a finished run shows: measures of its tokenizer, and pictures of both stages.
public struct RunResults {
  /// Measures of the tokenizer on at most `evaluatedCount` images of the data.
  public let evaluation: Evaluation
  /// Paths of the pictures that were written.
  public let pictures: [String]

  /// Images measured at the end of a run; `facet evaluate` measures all.
  public static let evaluatedCount = 2000

  /// Evaluates the newest checkpoints of a run and writes `evaluation.json`, `reconstructions.png` and, where there is
  /// a generator, `samples.png`.
  public init(of run: RunDirectory, onUnreadable: (String) -> Void) throws {
    let hasGenerator = !run.checkpoints(.generator).isEmpty
    let model = try TrainedModel(run.path, needsGenerator: hasGenerator)
    evaluation = try model.evaluate(nil, limit: Self.evaluatedCount, onUnreadable: onUnreadable)
    try AtomicFile.write(evaluation.json + "\n", to: run.evaluationPath)
    var pictures: [String] = []
    let data = try TrainingData(model.spec)
    try ReconstructionSheet(model.session, data, count: 40).write(to: run.reconstructionsPath)
    pictures.append(run.reconstructionsPath)
    if hasGenerator {
      try ClassSheet(model.session, classes: model.classCount, perClass: 8).write(to: run.classSheetPath, seed: 0)
      pictures.append(run.classSheetPath)
    }
    self.pictures = pictures
  }
}

extension Evaluation {
  /// One JSON object, keys in alphabetical order.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
