/// Functions of the unary kernel.
public enum UnaryKernel: Int32, Sendable, BitwiseCopyable {
  case negate, absolute, square, sqrt, rsqrt, reciprocal, exp, log, relu, sigmoid, tanh, silu, gelu
}

/// Functions of the binary kernel; the `…Gradient` ones take (x, dy).
public enum BinaryKernel: Int32, Sendable, BitwiseCopyable {
  case add, subtract, multiply, divide, minimum, maximum
  case siluGradient, geluGradient, reluGradient, absoluteGradient
}

/// Kernels other than products of matrices.
public protocol TensorKernels: SendableMetatype {
  /// y = f(x) element by element; x and y may be the same.
  static func unary(_ a: UnaryArguments, _ units: Range<Int>)
  /// y = scale * x + offset; x and y may be the same.
  static func affine(_ a: AffineArguments, _ units: Range<Int>)
  /// z = f(x, y), y of `inner` elements repeated; z may be x or (for equal sizes) y.
  static func binary(_ a: BinaryArguments, _ units: Range<Int>)
  /// A chain of elementwise functions, tile by tile.
  static func pointwise(_ a: PointwiseArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// target = value.
  static func fill(_ a: FillArguments, _ units: Range<Int>)
  /// Rows of 4-byte elements copied between strided places (concat, slice, pad).
  static func copyBlocks(_ a: CopyBlocksArguments, _ units: Range<Int>)
  /// Dense result whose dimension i is a source dimension, up to five, outermost first (leading ones padded with 1).
  static func transpose(_ a: TransposeArguments, _ units: Range<Int>)
  /// [outer, inner] repeated to [outer, repeats, inner].
  static func broadcast(_ a: BroadcastArguments, _ units: Range<Int>)
  /// Rows [batch, width] written at a position of a cache [batch, capacity, width].
  static func cacheWrite(_ a: CacheWriteArguments, _ units: Range<Int>)
  /// Sum over the middle of [outer, rows, inner], times a factor. The last outer part may be short: `limit` rows in all.
  static func reduce(_ a: ReduceArguments, _ units: Range<Int>)
  /// Partial sums of squares, one per unit.
  static func squaredSum(_ a: SquaredSumArguments, _ units: Range<Int>)
  /// The root of the sum of partial sums.
  static func normFinish(_ a: NormFinishArguments, _ units: Range<Int>)
  /// [B, H, W, C] to [B, 2H, 2W, C], nearest neighbour.
  static func upsample(_ a: UpsampleArguments, _ units: Range<Int>)
  /// [B, 2H, 2W, C] to [B, H, W, C], sums of 2 x 2 blocks.
  static func upsampleGradient(_ a: UpsampleGradientArguments, _ units: Range<Int>)
  /// [B, H, W, C] to [B, H', W', C], nearest neighbour.
  static func resizeNearest(_ a: ResizeNearestArguments, _ units: Range<Int>)
  /// Group normalisation of [B, P, C], then SiLU if asked.
  static func groupNorm(_ a: GroupNormArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Statistics of chunks of images for group normalisation.
  static func groupNormPartials(
    _ a: GroupNormPartialsArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Statistics of images from those of their chunks.
  static func groupNormFinish(_ a: GroupNormFinishArguments, _ units: Range<Int>)
  /// Gradients of group normalisation (and SiLU); those of gamma and beta as partial sums per image.
  static func groupNormGradient(
    _ a: GroupNormGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Layer normalisation (with beta and mean) or root-mean-square normalisation (without) of rows [N, C].
  static func rowNorm(_ a: RowNormArguments, _ units: Range<Int>)
  /// Gradients of row normalisation; those of gamma and beta as partial sums per chunk of rows.
  static func rowNormGradient(_ a: RowNormGradientArguments, _ units: Range<Int>)
  /// Rows divided by max(norm, epsilon).
  static func l2Normalize(_ a: L2NormalizeArguments, _ units: Range<Int>)
  /// Gradient of row normalisation by the l2 norm.
  static func l2NormalizeGradient(_ a: L2NormalizeGradientArguments, _ units: Range<Int>)
  /// Softmax of rows.
  static func softmax(_ a: SoftmaxArguments, _ units: Range<Int>)
  /// dx = y * (dy - sum(y * dy)) by row.
  static func softmaxGradient(_ a: SoftmaxGradientArguments, _ units: Range<Int>)
  /// Loss and log-sum-exp of each row.
  static func crossEntropy(_ a: CrossEntropyArguments, _ units: Range<Int>)
  /// dx = (softmax(x) - onehot) * gradient / N by row.
  static func crossEntropyGradient(_ a: CrossEntropyGradientArguments, _ units: Range<Int>)
  /// Adjacent pairs of each head turned by the angles of their position.
  static func rotary(_ a: RotaryArguments, _ units: Range<Int>)
  /// Rows of a table picked by indices; indices are clamped to the table.
  static func embedding(_ a: EmbeddingArguments, _ units: Range<Int>)
  /// Rows of dy summed by index, in order of position.
  static func embeddingGradient(_ a: EmbeddingGradientArguments, _ units: Range<Int>)
  /// Elements zeroed at random, the rest scaled.
  static func dropout(_ a: DropoutArguments, _ units: Range<Int>)
  /// Labels replaced at random.
  static func dropLabels(_ a: DropLabelsArguments, _ units: Range<Int>)
  /// One index per row of logits after temperature, top-k and top-p.
  static func sample(_ a: SampleArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Indices drawn from 0..<bound.
  static func randomIndices(_ a: RandomIndicesArguments, _ units: Range<Int>)
  /// Codes replaced by codes of near entries at random.
  static func perturbCodes(_ a: PerturbCodesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Numbers drawn from [0, 1).
  static func randomUniform(_ a: RandomUniformArguments, _ units: Range<Int>)
  /// Images moved at random, with a square cut out, or the adjoint of that.
  static func displaceImages(_ a: DisplaceImagesArguments, _ units: Range<Int>)
  /// Entries [K, d] as blocks of one vector width: d planes and a plane of half squared norms, for search and entropy.
  static func packCodebook(_ a: PackCodebookArguments, _ units: Range<Int>)
  /// Index of the nearest entry of each row, ties to the lowest.
  static func nearestCode(_ a: NearestCodeArguments, _ units: Range<Int>)
  /// First half of the entropy loss: entropy and log-sum-exp of each row's assignment, and sums of the assignments per chunk of rows. The logits are 2 (z e - |e|^2 / 2) / temperature, which differ from -|z - e|^2 / temperature by a constant of the row.
  static func entropyRows(_ a: EntropyRowsArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Second half: the mean assignment and the loss.
  static func entropyFinish(_ a: EntropyFinishArguments, _ units: Range<Int>)
  /// Gradient of the entropy loss with respect to z, and sums per chunk for the gradient of the entries.
  static func entropyGradient(_ a: EntropyGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Gradient of the entries from the sums per chunk.
  static func entropyEntries(_ a: EntropyEntriesArguments, _ units: Range<Int>)
  /// counter += 1.
  static func increment(_ a: IncrementArguments, _ units: Range<Int>)
  /// The learning rate after a number of steps.
  static func learningRate(_ a: LearningRateArguments, _ units: Range<Int>)
  /// A number that depends on the steps done.
  static func schedule(_ a: ScheduleArguments, _ units: Range<Int>)
  /// One Adam or AdamW update in place.
  static func adam(_ a: AdamArguments, _ units: Range<Int>)
  /// Adam updates of many parameters, and of their moving averages.
  static func adamGroup(_ a: AdamGroupArguments, _ units: Range<Int>)
  /// Partial sums of squares of several tensors, one per unit.
  static func squaredSumGroup(_ a: SquaredSumGroupArguments, _ units: Range<Int>)
  /// average = decay * average + (1 - decay) * source.
  static func movingAverage(_ a: MovingAverageArguments, _ units: Range<Int>)
}
