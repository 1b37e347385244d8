/// Group normalisation of [B, P, C], then SiLU if asked.
public struct GroupNormArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Scale [C].
  public var gamma: FloatInput
  /// Shift [C].
  public var beta: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Means [B, G].
  public var mean: FloatOutput
  /// Reciprocal deviations [B, G].
  public var rstd: FloatOutput
  /// Images B.
  public var batch: Int
  /// Pixels P.
  public var pixels: Int
  /// Channels C.
  public var channels: Int
  /// Groups G.
  public var groups: Int
  /// Added to the variance.
  public var epsilon: Float
  /// Whether SiLU follows.
  public var silu: Bool
  /// Whether mean and rstd are given instead of computed.
  public var hasStatistics: Bool

  /// Arguments for one call.
  public init(
    x: FloatInput, gamma: FloatInput, beta: FloatInput, y: FloatOutput, mean: FloatOutput, rstd: FloatOutput,
    batch: Int, pixels: Int, channels: Int, groups: Int, epsilon: Float, silu: Bool,
    hasStatistics: Bool = false
  ) {
    self.x = x
    self.gamma = gamma
    self.beta = beta
    self.y = y
    self.mean = mean
    self.rstd = rstd
    self.batch = batch
    self.pixels = pixels
    self.channels = channels
    self.groups = groups
    self.epsilon = epsilon
    self.silu = silu
    self.hasStatistics = hasStatistics
  }

  /// Sums and the affine form of every channel.
  public var scratchByteCount: Int { 4 * (channels + 64) * 4 }
  /// Units are images, or where the statistics are given chunks of pixels.
  public var unitCount: Int {
    hasStatistics ? batch * GroupNormChunks(pixels: pixels, channels: channels).count : batch
  }
}

/// Gradients of group normalisation (and SiLU); those of gamma and beta as partial sums per image.
public struct GroupNormGradientArguments: KernelArguments, @unchecked Sendable {
  /// Operand of the forward pass.
  public var x: FloatInput
  /// Scale.
  public var gamma: FloatInput
  /// Shift.
  public var beta: FloatInput
  /// Means.
  public var mean: FloatInput
  /// Reciprocal deviations.
  public var rstd: FloatInput
  /// Gradient of the result.
  public var dy: FloatInput
  /// Added to the gradient of x, if present; not the same bytes.
  public var sum: FloatInput?
  /// Gradient of x; may be dy.
  public var dx: FloatOutput
  /// Partial gradients of gamma [B, C].
  public var dgamma: FloatOutput
  /// Partial gradients of beta [B, C].
  public var dbeta: FloatOutput
  /// Images B.
  public var batch: Int
  /// Pixels P.
  public var pixels: Int
  /// Channels C.
  public var channels: Int
  /// Groups G.
  public var groups: Int
  /// Whether SiLU followed.
  public var silu: Bool

  /// Arguments for one call.
  public init(
    x: FloatInput, gamma: FloatInput, beta: FloatInput, mean: FloatInput, rstd: FloatInput, dy: FloatInput,
    sum: FloatInput? = nil, dx: FloatOutput, dgamma: FloatOutput, dbeta: FloatOutput, batch: Int, pixels: Int,
    channels: Int, groups: Int,
    silu: Bool
  ) {
    self.x = x
    self.gamma = gamma
    self.beta = beta
    self.mean = mean
    self.rstd = rstd
    self.dy = dy
    self.sum = sum
    self.dx = dx
    self.dgamma = dgamma
    self.dbeta = dbeta
    self.batch = batch
    self.pixels = pixels
    self.channels = channels
    self.groups = groups
    self.silu = silu
  }

  /// Per-channel constants and sums.
  public var scratchByteCount: Int { 6 * (channels + 64) * 4 }
  /// Independent parts of the work.
  public var unitCount: Int { batch }
}

/// Layer normalisation (with beta and mean) or root-mean-square normalisation (without) of rows [N, C].
public struct RowNormArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Scale [C].
  public var gamma: FloatInput
  /// Shift [C]; nil for rms.
  public var beta: FloatInput?
  /// Result.
  public var y: FloatOutput
  /// Means [N]; nil for rms.
  public var mean: FloatOutput?
  /// Reciprocal deviations or rms [N].
  public var rstd: FloatOutput
  /// Rows N.
  public var rows: Int
  /// Row length C.
  public var width: Int
  /// Added under the root.
  public var epsilon: Float

  /// Arguments for one call.
  public init(
    x: FloatInput, gamma: FloatInput, beta: FloatInput?, y: FloatOutput, mean: FloatOutput?, rstd: FloatOutput,
    rows: Int, width: Int, epsilon: Float
  ) {
    self.x = x
    self.gamma = gamma
    self.beta = beta
    self.y = y
    self.mean = mean
    self.rstd = rstd
    self.rows = rows
    self.width = width
    self.epsilon = epsilon
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: width)) }
}

/// Gradients of row normalisation; those of gamma and beta as partial sums per chunk of rows.
public struct RowNormGradientArguments: KernelArguments, @unchecked Sendable {
  /// Operand of the forward pass.
  public var x: FloatInput
  /// Scale.
  public var gamma: FloatInput
  /// Means; nil for rms.
  public var mean: FloatInput?
  /// Reciprocal deviations or rms.
  public var rstd: FloatInput
  /// Gradient of the result.
  public var dy: FloatInput
  /// Added to the gradient of x, if present.
  public var sum: FloatInput?
  /// Gradient of x; may be x, dy or sum.
  public var dx: FloatOutput
  /// Partial gradients of gamma [chunks, C].
  public var dgamma: FloatOutput
  /// Partial gradients of beta [chunks, C]; nil for rms.
  public var dbeta: FloatOutput?
  /// Rows N.
  public var rows: Int
  /// Row length C.
  public var width: Int

  /// Arguments for one call.
  public init(
    x: FloatInput, gamma: FloatInput, mean: FloatInput?, rstd: FloatInput, dy: FloatInput,
    sum: FloatInput? = nil, dx: FloatOutput, dgamma: FloatOutput, dbeta: FloatOutput?, rows: Int, width: Int
  ) {
    self.x = x
    self.gamma = gamma
    self.mean = mean
    self.rstd = rstd
    self.dy = dy
    self.sum = sum
    self.dx = dx
    self.dgamma = dgamma
    self.dbeta = dbeta
    self.rows = rows
    self.width = width
  }

  /// Chunks of rows: a function of the shape alone.
  public static func chunks(rows: Int) -> Int { min(32, Partition.ceil(rows, 16)) }
  /// Independent parts of the work.
  public var unitCount: Int { Self.chunks(rows: rows) }
}

/// Rows divided by max(norm, epsilon).
public struct L2NormalizeArguments: KernelArguments, @unchecked Sendable {
  /// Operand [N, d].
  public var x: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Rows.
  public var rows: Int
  /// Row length.
  public var width: Int
  /// Smallest divisor.
  public var epsilon: Float

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, rows: Int, width: Int, epsilon: Float) {
    self.x = x
    self.y = y
    self.rows = rows
    self.width = width
    self.epsilon = epsilon
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: width)) }
}

/// Gradient of row normalisation by the l2 norm.
public struct L2NormalizeGradientArguments: KernelArguments, @unchecked Sendable {
  /// Operand of the forward pass.
  public var x: FloatInput
  /// Gradient of the result.
  public var dy: FloatInput
  /// Gradient of x.
  public var dx: FloatOutput
  /// Rows.
  public var rows: Int
  /// Row length.
  public var width: Int
  /// Smallest divisor.
  public var epsilon: Float

  /// Arguments for one call.
  public init(x: FloatInput, dy: FloatInput, dx: FloatOutput, rows: Int, width: Int, epsilon: Float) {
    self.x = x
    self.dy = dy
    self.dx = dx
    self.rows = rows
    self.width = width
    self.epsilon = epsilon
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: width)) }
}
