import Imaging
import Models
import Runtime

/// Encodes, decodes and reconstructs batches of images with a session's tokenizer.
public final class Reconstructor {
  private let session: ModelSession
  private let program: Executable
  /// Images per run.
  public let batch: Int

  /// Compiles reconstruction for batches of a size.
  public init(_ session: ModelSession, batch: Int) throws {
    self.session = session
    self.batch = batch
    program = try session.compile(Tokenizer(session.spec).reconstructProgram(batch: batch))
  }

  /// Reconstructs up to `batch` images in [-1, 1] of the model's size; also their codes by sub-codebook.
  public func reconstruct(_ images: [Image]) throws -> (images: [Image], codes: [[Int32]]) {
    precondition(images.count <= batch, "too many images for one batch")
    let size = session.spec.image.size
    let count = size * size * 3
    let input = try program.input("image")
    for (index, image) in images.enumerated() {
      for (offset, value) in image.pixels.enumerated() { input[index * count + offset] = value }
    }
    for index in images.count * count..<input.count { input[index] = 0 }
    program.run()
    let output = try program.output("image")
    let tokens = session.spec.tokens
    let codes = try session.spec.tokenizer.codebooks.map {
      Array(try program.integerOutput("codes.\($0.name)").prefix(images.count * tokens))
    }
    let pictures = images.indices.map {
      Image(width: size, height: size, pixels: Array(output[$0 * count..<($0 + 1) * count]))
    }
    return (pictures, codes)
  }

  /// Writes a sheet of originals (upper rows) and reconstructions (lower rows) spread over the data.
  public func sheet(_ data: TrainingData, to path: String) throws {
    let count = min(batch, data.folder.count)
    let images = try (0..<count).map { try data.centered($0 * data.folder.count / count) }
    let pictures = try reconstruct(images).images
    let columns = min(8, count)
    var groups: [[[Image]]] = []
    for first in stride(from: 0, to: count, by: columns) {
      let range = first..<min(count, first + columns)
      groups.append([Array(images[range]), Array(pictures[range])])
    }
    if let sheet = ImageSheet().compose(groups: groups) { try PNGWriter.write(sheet, to: path) }
  }
}
