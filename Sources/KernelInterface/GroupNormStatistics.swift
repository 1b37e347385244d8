/// The division of the pixels of an image [P, C] into chunks that stay in the second-level cache, so that threads share
/// one image and its statistics are taken in one pass over memory. A function of the shape alone.
public struct GroupNormChunks: Sendable {
  /// Pixels of a chunk; the last one may be short.
  public let size: Int
  /// Chunks of an image.
  public let count: Int

  /// The chunks of images with the given extents.
  public init(pixels: Int, channels: Int) {
    size = max(1, min(pixels, (1 << 16) / max(1, channels)))
    count = Partition.ceil(pixels, size)
  }

  /// Pixels of one chunk.
  public func range(_ chunk: Int, of pixels: Int) -> Range<Int> { chunk * size..<min(pixels, (chunk + 1) * size) }
}

/// Means of the groups of every chunk of images [B, P, C], and sums of squared deviations from them.
public struct GroupNormPartialsArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Means [B, chunks, G].
  public var means: FloatOutput
  /// Sums of squared deviations [B, chunks, G].
  public var squares: FloatOutput
  /// Images B.
  public var batch: Int
  /// Pixels P.
  public var pixels: Int
  /// Channels C.
  public var channels: Int
  /// Groups G.
  public var groups: Int

  /// Arguments for one call.
  public init(
    x: FloatInput, means: FloatOutput, squares: FloatOutput, batch: Int, pixels: Int, channels: Int, groups: Int
  ) {
    self.x = x
    self.means = means
    self.squares = squares
    self.batch = batch
    self.pixels = pixels
    self.channels = channels
    self.groups = groups
  }

  /// The chunks of an image.
  public var chunks: GroupNormChunks { GroupNormChunks(pixels: pixels, channels: channels) }
  /// Sums, means and sums of some rows of every channel.
  public var scratchByteCount: Int { 3 * (channels + 64) * 4 }
  /// Units are chunks.
  public var unitCount: Int { batch * chunks.count }
}

/// Mean and reciprocal deviation of every group from those of its chunks.
public struct GroupNormFinishArguments: KernelArguments, @unchecked Sendable {
  /// What the chunks gave.
  public var partials: GroupNormPartialsArguments
  /// Means [B, G].
  public var mean: FloatOutput
  /// Reciprocal deviations [B, G].
  public var rstd: FloatOutput
  /// Added to the variance.
  public var epsilon: Float

  /// Arguments for one call.
  public init(partials: GroupNormPartialsArguments, mean: FloatOutput, rstd: FloatOutput, epsilon: Float) {
    self.partials = partials
    self.mean = mean
    self.rstd = rstd
    self.epsilon = epsilon
  }

  /// Units are images.
  public var unitCount: Int { partials.batch }
}
