import Imaging
import Models

/// Decodes codes to images.
public final class ImageDecoder {
  private let program: BatchProgram
  private let tokens: Int
  /// Images per run.
  public var batch: Int { program.batch }

  /// Compiles decoding for batches of a size.
  public init(_ session: ModelSession, batch: Int) throws {
    let decode = try session.compile(Tokenizer(session.spec).decodeProgram(batch: batch))
    program = BatchProgram(decode, session.spec, batch: batch)
    tokens = session.spec.tokens
  }

  /// Images of codes by sub-codebook, [images * tokens], any number of images.
  public func decode(_ codes: [[Int32]]) throws -> [Image] {
    try (0..<codes[0].count / tokens).batches(of: batch).flatMap { try decode(codes, $0) }
  }

  /// The images of a range of at most `batch`.
  public func decode(_ codes: [[Int32]], _ range: Range<Int>) throws -> [Image] {
    try program.write(codes, range)
    program.run()
    return try program.images(range.count)
  }
}
