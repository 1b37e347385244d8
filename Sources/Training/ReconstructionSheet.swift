import Imaging

/// Sheets of the same few images above their reconstructions, to see what a tokenizer keeps.
struct ReconstructionSheet {
  private let reconstructor: Reconstructor
  private let images: [Image]

  /// Images spread over the data; those that cannot be read are left out.
  init(_ session: ModelSession, _ data: TrainingData, count: Int) throws {
    images = data.spread(count).compactMap { try? data.centered($0) }
    reconstructor = try Reconstructor(session, batch: max(1, min(8, images.count)))
  }

  /// Writes a PNG sheet.
  func write(to path: String) throws {
    let pictures = try images.indices.batches(of: reconstructor.batch).flatMap {
      try reconstructor.reconstruct(Array(images[$0])).images
    }
    if let sheet = ImageSheet.pairs(Array(zip(images, pictures))) { try PNGWriter.write(sheet, to: path) }
  }
}
