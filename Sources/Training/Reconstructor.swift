import Imaging
import Models
import Passes
import Runtime

/// Reconstructs batches of images with a session's tokenizer.
public final class Reconstructor {
  private let session: ModelSession
  private let program: Executable
  /// Images per run.
  public let batch: Int

  /// Compiles reconstruction for batches of a size, the weights of linear layers stored as `weights` says.
  public init(_ session: ModelSession, batch: Int, weights: WeightStorage = .f32) throws {
    self.session = session
    self.batch = batch
    program = try session.compileNarrow(Tokenizer(session.spec).reconstructProgram(batch: batch), weights)
  }

  /// Reconstructs up to `batch` images in [-1, 1] of the model's size; also their codes by sub-codebook.
  public func reconstruct(_ images: [Image]) throws -> (images: [Image], codes: [[Int32]]) {
    try program.write(images, batch: batch)
    program.run()
    return (try program.images(session, count: images.count), try program.codes(session, images: images.count))
  }
}
