import Imaging
import Models

/// Says for how real a trained discriminator takes images.
final class ImageCritic {
  private let program: BatchProgram

  /// Compiles a session's discriminator for batches of a size; nil where the spec has none.
  init?(_ session: ModelSession, batch: Int) throws {
    guard let logits = Tokenizer(session.spec).discriminatorLogitsProgram(batch: batch) else { return nil }
    program = BatchProgram(try session.compile(logits), session.spec, batch: batch)
  }

  /// The mean logit of each of at most a batch of images in [-1, 1] of the model's size.
  func logits(_ images: [Image]) throws -> [Double] {
    try program.write(images)
    program.run()
    return try program.rows(of: "logits", images.count).map { row in
      row.reduce(0) { $0 + Double($1) } / Double(row.count)
    }
  }
}
