/// [B, H, W, C] to [B, 2H, 2W, C], nearest neighbour.
public struct UpsampleArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows of x.
  public var height: Int
  /// Columns of x.
  public var width: Int
  /// Channels.
  public var channels: Int

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, batch: Int, height: Int, width: Int, channels: Int) {
    self.x = x
    self.y = y
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Independent parts of the work.
  public var unitCount: Int { batch * height }
}

/// [B, 2H, 2W, C] to [B, H, W, C], sums of 2 x 2 blocks.
public struct UpsampleGradientArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var dy: FloatInput
  /// Result.
  public var dx: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows of dx.
  public var height: Int
  /// Columns of dx.
  public var width: Int
  /// Channels.
  public var channels: Int

  /// Arguments for one call.
  public init(dy: FloatInput, dx: FloatOutput, batch: Int, height: Int, width: Int, channels: Int) {
    self.dy = dy
    self.dx = dx
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Independent parts of the work.
  public var unitCount: Int { batch * height }
}

/// [B, H, W, C] to [B, H', W', C], nearest neighbour.
public struct ResizeNearestArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows and columns of x.
  public var source: SIMD2<Int>
  /// Rows and columns of y.
  public var target: SIMD2<Int>
  /// Channels.
  public var channels: Int

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, batch: Int, source: SIMD2<Int>, target: SIMD2<Int>, channels: Int) {
    self.x = x
    self.y = y
    self.batch = batch
    self.source = source
    self.target = target
    self.channels = channels
  }

  /// Independent parts of the work.
  public var unitCount: Int { batch * target[0] }
}

/// Images moved at random, with a square cut out, or the adjoint of that.
public struct DisplaceImagesArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// (seed, step).
  public var key: IndexInput
  /// Result.
  public var y: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows and columns.
  public var size: SIMD2<Int>
  /// Channels.
  public var channels: Int
  /// Pixels of the longest move.
  public var shift: Int
  /// Side of the square.
  public var hole: Int
  /// Place of the first image in the draw.
  public var first: Int
  /// Number of the draw.
  public var stream: UInt32
  /// Whether this is the adjoint.
  public var inverse: Bool

  /// Arguments for one call.
  public init(
    x: FloatInput, key: IndexInput, y: FloatOutput, batch: Int, size: SIMD2<Int>, channels: Int, shift: Int, hole: Int,
    first: Int, stream: UInt32, inverse: Bool
  ) {
    self.x = x
    self.key = key
    self.y = y
    self.batch = batch
    self.size = size
    self.channels = channels
    self.shift = shift
    self.hole = hole
    self.first = first
    self.stream = stream
    self.inverse = inverse
  }

  /// Independent parts of the work.
  public var unitCount: Int { batch * size[0] }
}
