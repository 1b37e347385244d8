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
    var waiting: [Image] = []
    func flush() throws {
      guard !waiting.isEmpty else { return }
      if shouldStop() { throw StopRequest() }
      for (index, codes) in try encoder.encode(waiting).enumerated() { result.codes[index] += codes }
      waiting.removeAll(keepingCapacity: true)
    }
    for index in 0..<data.folder.count {
      let views: [Image]
      do {
        let picture = try data.picture(index)
        views = crops == .ten ? TenCrop(size: size).views(picture) : [SquareCrop.center(picture, size: size)]
      } catch {
        if data.failsOnError { throw error }
        onUnreadable("\(error)")
        continue
      }
      for view in views {
        waiting.append(view)
        result.labels.append(data.folder.samples[index].label)
        if waiting.count == encoder.batch { try flush() }
      }
    }
    try flush()
    guard result.count > 0 else { throw TrainingError(description: "\(data.folder.path): no picture could be read") }
    return result
  }
}
