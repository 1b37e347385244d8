import Imaging
import Models

/// Encodes batches of images to codes.
public final class ImageEncoder {
  private let program: BatchProgram
  /// Images per run.
  public var batch: Int { program.batch }

  /// Compiles encoding for batches of a size.
  public init(_ session: ModelSession, batch: Int) throws {
    let encode = try session.compile(Tokenizer(session.spec).encodeProgram(batch: batch))
    program = BatchProgram(encode, session.spec, batch: batch)
  }

  /// Codes by sub-codebook, [images * tokens], of up to `batch` images in [-1, 1] of the model's size.
  public func encode(_ images: [Image]) throws -> [[Int32]] {
    try program.write(images)
    program.run()
    return try program.codes(of: images.count)
  }
}
