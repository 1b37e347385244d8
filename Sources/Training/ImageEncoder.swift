import Imaging
import Models
import Runtime

/// Encodes batches of images to codes.
public final class ImageEncoder {
  private let session: ModelSession
  private let program: Executable
  /// Images per run.
  public let batch: Int

  /// Compiles encoding for batches of a size.
  public init(_ session: ModelSession, batch: Int) throws {
    self.session = session
    self.batch = batch
    program = try session.compile(Tokenizer(session.spec).encodeProgram(batch: batch))
  }

  /// Codes by sub-codebook, [images * tokens], of up to `batch` images in [-1, 1] of the model's size.
  public func encode(_ images: [Image]) throws -> [[Int32]] {
    try program.write(images, batch: batch)
    program.run()
    return try program.codes(session, images: images.count)
  }
}

extension Executable {
  /// Fills the input `image` with images and, past the last, zeros.
  func write(_ images: [Image], batch: Int) throws {
    precondition(images.count <= batch, "too many images for one batch")
    let input = try input("image")
    let count = input.count / batch
    for (index, image) in images.enumerated() {
      _ = UnsafeMutableBufferPointer(rebasing: input[index * count..<(index + 1) * count]).update(from: image.pixels)
    }
    UnsafeMutableBufferPointer(rebasing: input[(images.count * count)...]).update(repeating: 0)
  }

  /// The codes of the first images of a batch by sub-codebook, [images * tokens].
  func codes(_ session: ModelSession, images: Int) throws -> [[Int32]] {
    try session.spec.tokenizer.codebooks.map {
      Array(try integerOutput("codes.\($0.name)").prefix(images * session.spec.tokens))
    }
  }

  /// The first images of the output `image`.
  func images(_ session: ModelSession, count: Int) throws -> [Image] {
    let size = session.spec.image.size
    let output = try output("image")
    let stride = size * size * 3
    return (0..<count).map {
      Image(width: size, height: size, pixels: Array(output[$0 * stride..<($0 + 1) * stride]))
    }
  }
}
