import Imaging
import Models
import Passes

/// Reconstructs batches of images with a session's tokenizer.
public final class Reconstructor {
  private let program: BatchProgram
  /// Images per run.
  public var batch: Int { program.batch }

  /// Compiles reconstruction for batches of a size, the weights of linear layers stored as `weights` says.
  public init(_ session: ModelSession, batch: Int, weights: WeightStorage = .f32) throws {
    let reconstruct = try session.compileNarrow(
      Tokenizer(session.spec).reconstructProgram(batch: batch), weights)
    program = BatchProgram(reconstruct, session.spec, batch: batch)
  }

  /// Reconstructs up to `batch` images in [-1, 1] of the model's size; also their codes by sub-codebook.
  public func reconstruct(_ images: [Image]) throws -> (images: [Image], codes: [[Int32]]) {
    try program.write(images)
    program.run()
    return (try program.images(images.count), try program.codes(of: images.count))
  }
}
