import Imaging
import Models
import Runtime

/// Decodes codes to images.
public final class ImageDecoder {
  private let session: ModelSession
  private let program: Executable
  /// Images per run.
  public let batch: Int

  /// Compiles decoding for batches of a size.
  public init(_ session: ModelSession, batch: Int) throws {
    self.session = session
    self.batch = batch
    program = try session.compile(Tokenizer(session.spec).decodeProgram(batch: batch))
  }

  /// Images of codes by sub-codebook, [images * tokens], any number of images.
  public func decode(_ codes: [[Int32]]) throws -> [Image] {
    let total = codes[0].count / session.spec.tokens
    return try stride(from: 0, to: total, by: batch).flatMap { first in
      try decode(codes, first..<min(first + batch, total))
    }
  }

  /// The images of a range of at most `batch`.
  public func decode(_ codes: [[Int32]], _ range: Range<Int>) throws -> [Image] {
    let tokens = session.spec.tokens
    for (book, codes) in zip(session.spec.tokenizer.codebooks, codes) {
      let input = try program.integerInput("codes.\(book.name)")
      let part = codes[range.lowerBound * tokens..<range.upperBound * tokens]
      input.update(repeating: 0)
      _ = input.update(from: part)
    }
    program.run()
    return try program.images(session, count: range.count)
  }
}
