/// Copies images [B, H, W, C] into a zeroed frame.
public struct PadImageArguments: KernelArguments, @unchecked Sendable {
  /// The images.
  public var x: FloatInput
  /// The frame [B, frameHeight, frameWidth, C], followed by `slack` elements.
  public var frame: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows of an image in its frame.
  public var height: Int
  /// Columns of an image in its frame.
  public var width: Int
  /// Whether the images are half as high and wide as in the frame, where each pixel is copied to a 2 x 2 block.
  public var upsamples: Bool
  /// Channels.
  public var channels: Int
  /// Zero rows above.
  public var top: Int
  /// Zero columns on the left.
  public var left: Int
  /// Rows of a frame, at least top + height.
  public var frameHeight: Int
  /// Columns of a frame, at least left + width.
  public var frameWidth: Int
  /// How the elements of the frame are held; as bf16, the slack is zeros.
  public var precision: ProductPrecision

  /// Arguments for one copy.
  public init(
    x: FloatInput, frame: FloatOutput, batch: Int, height: Int, width: Int, upsamples: Bool = false, channels: Int,
    top: Int, left: Int, frameHeight: Int, frameWidth: Int, precision: ProductPrecision = .f32
  ) {
    self.x = x
    self.frame = frame
    self.batch = batch
    self.height = height
    self.width = width
    self.upsamples = upsamples
    self.channels = channels
    self.top = top
    self.left = left
    self.frameHeight = frameHeight
    self.frameWidth = frameWidth
    self.precision = precision
  }

  /// Elements that vector loads may touch past the end.
  public static let slack = 64
  /// Units are rows of frames.
  public var unitCount: Int { batch * frameHeight }
}

/// Convolution of a padded frame [B, FH, FW, Cin] with packed weights (rows in the order kh, kw, Cin):
/// y = activation(frame * w + bias) + residual.
///
/// No im2col: kw * Cin inputs of a window row are contiguous in the frame. The result may be every n-th pixel of a
/// larger image, as one phase of the gradient of a strided convolution is.
public struct ConvolutionArguments: KernelArguments, @unchecked Sendable {
  /// The frame, from the first window of the first image, in the precision of the convolution.
  public var frame: FloatInput
  /// Packed weights in the precision of the convolution; by column if `isNarrow`. As bf16, every window row is a group.
  public var weights: FloatInput
  /// Added to every pixel, if present.
  public var bias: FloatInput?
  /// Applied after the bias.
  public var activation: FusedActivation
  /// Added last, if present; laid out like y, which it must not overlap.
  public var residual: FloatInput?
  /// The result.
  public var y: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows of a frame.
  public var frameHeight: Int
  /// Columns of a frame.
  public var frameWidth: Int
  /// Channels of the frame.
  public var inputChannels: Int
  /// Channels of the result.
  public var outputChannels: Int
  /// Rows of the window.
  public var kernelHeight: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between windows.
  public var stride: Int
  /// Rows of the result.
  public var outputHeight: Int
  /// Columns of the result.
  public var outputWidth: Int
  /// Elements between images of the result.
  public var yImage: Int
  /// Elements between rows of the result.
  public var yRow: Int
  /// Elements between pixels of the result.
  public var yPixel: Int
  /// How the operands are held; bf16 only if not `isNarrow`.
  public var precision: ProductPrecision

  /// Arguments for one convolution with a dense result.
  public init(
    frame: FloatInput, weights: FloatInput, bias: FloatInput?, activation: FusedActivation = .none,
    residual: FloatInput? = nil, y: FloatOutput, batch: Int, frameHeight: Int, frameWidth: Int, inputChannels: Int,
    outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int, outputHeight: Int, outputWidth: Int,
    precision: ProductPrecision = .f32
  ) {
    self.frame = frame
    self.weights = weights
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.y = y
    self.batch = batch
    self.frameHeight = frameHeight
    self.frameWidth = frameWidth
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
    yImage = outputHeight * outputWidth * outputChannels
    yRow = outputWidth * outputChannels
    yPixel = outputChannels
    self.precision = precision
  }

  /// Whether a panel would be mostly empty, so that products run along the window instead of along the channels.
  public static func isNarrow(outputChannels: Int) -> Bool { outputChannels <= 4 }
  /// Result rows per unit: about 256 pixels.
  public var blockRows: Int { max(1, min(outputHeight, 256 / max(1, outputWidth))) }
  /// Blocks of rows of one image.
  public var rowBlocks: Int { Partition.ceil(outputHeight, blockRows) }
  /// Channels per unit; fewer where there are few rows, so that there are enough units.
  public var blockChannels: Int {
    let wanted = max(1, Partition.ceil(GemmArguments.wantedUnits, max(1, batch * rowBlocks)))
    return max(1, Partition.ceil(Partition.ceil(outputChannels, panelWidth), wanted)) * panelWidth
  }
  /// Units are groups of rows and channels of one image.
  public var unitCount: Int { batch * rowBlocks * Partition.ceil(outputChannels, blockChannels) }
}

/// Sums of neighbouring taps, from weights [Cout, kh, kw, Cin] to [Cout, kh + 1, kw + 1, Cin]: tap (u, v) is the sum of the
/// taps (u, v), (u - 1, v), (u, v - 1) and (u - 1, v - 1) that there are.
public struct SumTapsArguments: KernelArguments, @unchecked Sendable {
  /// The weights.
  public var weights: FloatInput
  /// The sums.
  public var target: FloatOutput
  /// Channels Cout.
  public var outputChannels: Int
  /// Rows kh of the window.
  public var kernelHeight: Int
  /// Columns kw of the window.
  public var kernelWidth: Int
  /// Channels Cin.
  public var inputChannels: Int

  /// Arguments for one set of weights.
  public init(
    weights: FloatInput, target: FloatOutput, outputChannels: Int, kernelHeight: Int, kernelWidth: Int,
    inputChannels: Int
  ) {
    self.weights = weights
    self.target = target
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.inputChannels = inputChannels
  }

  /// Elements of the sums of one output channel.
  public var window: Int { (kernelHeight + 1) * (kernelWidth + 1) * inputChannels }
  /// Units are output channels.
  public var unitCount: Int { outputChannels }
}

/// The weight gradient of a convolution as partial sums over fixed shares of the rows of dy, from a padded frame of the
/// image and dy [B, Ho, Wo, Cout]. Partial sums are [splits, Cout, kh, kw, Cin], or, where the window row is short,
/// [splits, kh, kw, Cin, Cout].
public struct ConvolutionWeightGradientArguments: KernelArguments, @unchecked Sendable {
  /// The frame of the image.
  public var frame: FloatInput
  /// The gradient of the result.
  public var dy: FloatInput
  /// Partial sums; the gradient itself with one split and no transposition.
  public var partial: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows of a frame.
  public var frameHeight: Int
  /// Columns of a frame.
  public var frameWidth: Int
  /// Channels of the frame.
  public var inputChannels: Int
  /// Channels of dy.
  public var outputChannels: Int
  /// Rows of the window.
  public var kernelHeight: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between windows.
  public var stride: Int
  /// Rows of dy.
  public var outputHeight: Int
  /// Columns of dy.
  public var outputWidth: Int
  /// How products are added up; operands are f32 in any case.
  public var precision: ProductPrecision

  /// Arguments for one gradient.
  public init(
    frame: FloatInput, dy: FloatInput, partial: FloatOutput, batch: Int, frameHeight: Int, frameWidth: Int,
    inputChannels: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int, outputHeight: Int,
    outputWidth: Int, precision: ProductPrecision = .f32
  ) {
    self.precision = precision
    self.frame = frame
    self.dy = dy
    self.partial = partial
    self.batch = batch
    self.frameHeight = frameHeight
    self.frameWidth = frameWidth
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
  }

  /// Columns of a unit: two of the widest panels.
  public static let blockColumns = 2 * panelWidth
  /// Elements of a window row.
  public var run: Int { kernelWidth * inputChannels }
  /// Elements of the gradient.
  public var count: Int { outputChannels * kernelHeight * run }
  /// Whether window rows are so short that the channels of dy make the better panels. Only whole panels of dy: it is
  /// never read past its end.
  public static func isTransposed(run: Int, outputChannels: Int) -> Bool {
    run < panelWidth && outputChannels > 0 && outputChannels % panelWidth == 0
  }
  /// Whether the partial sums are [splits, kh, kw, Cin, Cout].
  public var isTransposed: Bool { Self.isTransposed(run: run, outputChannels: outputChannels) }
  /// Shares of the rows of dy: enough units for any sensible number of threads, a function of the shape alone.
  public static func splits(
    batch: Int, outputHeight: Int, outputWidth: Int, kernelHeight: Int, run: Int, outputChannels: Int
  ) -> Int {
    let width = isTransposed(run: run, outputChannels: outputChannels) ? outputChannels : run
    let units = kernelHeight * Partition.ceil(width, blockColumns)
    let chunks = batch * Partition.ceil(outputHeight, chunkRows(outputHeight, outputWidth))
    return max(1, min(8, chunks, Partition.ceil(GemmArguments.wantedUnits, max(1, units))))
  }
  /// Shares of the rows of dy.
  public var splits: Int {
    Self.splits(
      batch: batch, outputHeight: outputHeight, outputWidth: outputWidth, kernelHeight: kernelHeight, run: run,
      outputChannels: outputChannels)
  }
  /// Rows of dy that are taken together: their slices of dy and of the frame stay in the second-level cache.
  static func chunkRows(_ outputHeight: Int, _ outputWidth: Int) -> Int {
    max(1, min(outputHeight, 512 / max(1, outputWidth)))
  }
  /// Rows of dy of a chunk; the last chunk of an image may be short.
  public var chunkRows: Int { Self.chunkRows(outputHeight, outputWidth) }
  /// Chunks of rows over all images.
  public var rowChunks: Int { batch * Partition.ceil(outputHeight, chunkRows) }
  /// Blocks of columns of a window row.
  public var columnBlocks: Int { Partition.ceil(isTransposed ? outputChannels : run, Self.blockColumns) }
  /// Units are a share, a window row and a block of columns.
  public var unitCount: Int { splits * kernelHeight * columnBlocks }
}

/// Sums partial weight gradients in the order of the shares, into [Cout, kh, kw, Cin].
public struct WeightGradientSumArguments: KernelArguments, @unchecked Sendable {
  /// Partial sums.
  public var partial: FloatInput
  /// The gradient.
  public var target: FloatOutput
  /// Shares.
  public var splits: Int
  /// Channels Cout.
  public var outputChannels: Int
  /// kh * kw * Cin.
  public var window: Int
  /// Whether a partial sum is [kh, kw, Cin, Cout].
  public var isTransposed: Bool

  /// Arguments for one sum.
  public init(
    partial: FloatInput, target: FloatOutput, splits: Int, outputChannels: Int, window: Int, isTransposed: Bool
  ) {
    self.partial = partial
    self.target = target
    self.splits = splits
    self.outputChannels = outputChannels
    self.window = window
    self.isTransposed = isTransposed
  }

  /// Channels per unit.
  public var blockChannels: Int { max(1, Partition.elementwise / max(1, window * splits)) }
  /// Units are blocks of channels.
  public var unitCount: Int { Partition.ceil(outputChannels, blockChannels) }
}
