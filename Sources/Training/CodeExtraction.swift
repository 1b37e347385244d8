import Imaging
import Models
import Spec

extension CodeSet {
  /// Encodes every image of the data, as the spec's `crops` says.
  ///
  /// - Parameters:
  ///   - crops: Which views of an image are encoded.
  ///   - onUnreadable: Told about every image that is left out, where the spec says `on_error: skip`.
  ///   - shouldStop: Asked between batches; `StopRequest` is thrown when it says so.
  public static func extract(
    _ session: ModelSession, _ data: TrainingData, crops: GeneratorTrainingSpec.Crops, tokenizerStep: Int? = nil,
    shouldStop: () -> Bool = { false }, onUnreadable: (String) -> Void
  ) throws -> CodeSet {
    let size = session.spec.image.size
    let encoder = try ImageEncoder(session, batch: crops == .ten ? TenCrop.count : min(8, data.folder.count))
    var result = CodeSet(session.spec, tokenizerStep: tokenizerStep)
    try (0..<data.folder.count).forEachBatch(of: encoder.batch) { index in
      let picture = try data.picture(index)
      return crops == .ten ? TenCrop(size: size).views(picture) : [SquareCrop.center(picture, size: size)]
    } onUnreadable: { error in
      if data.failsOnError { throw error }
      onUnreadable("\(error)")
    } body: { batch in
      if shouldStop() { throw StopRequest() }
      for (index, codes) in try encoder.encode(batch.map(\.value)).enumerated() { result.codes[index] += codes }
      result.labels += batch.map { data.folder.samples[$0.element].label }
    }
    guard result.count > 0 else { throw TrainingError(description: "\(data.folder.path): no picture could be read") }
    return result
  }
}
