/// Widest column panel of any instruction set; workspaces are sized for it.
public let panelWidth = 32

/// Packs a matrix into column panels: panel p holds, for k = 0..<K, the elements of columns p*NR..<(p+1)*NR, zeros
/// past the last column.
public struct PackArguments: KernelArguments, @unchecked Sendable {
  /// Where elements come from; element (k, n) of group g stands at `g * groupStride + k * rowStride + n * columnStride`.
  public var source: FloatInput
  /// Rows K of one group.
  public var rows: Int
  /// Columns N.
  public var columns: Int
  /// Elements between consecutive k.
  public var rowStride: Int
  /// Elements between consecutive n.
  public var columnStride: Int
  /// Groups of rows that follow each other in a panel, each `rows` long (kernel taps); 1 for a plain matrix.
  public var groups: Int
  /// Elements between groups; may be negative (flipped taps).
  public var groupStride: Int
  /// Panels, `Self.byteCount` long.
  public var packed: FloatOutput

  /// Arguments for one matrix.
  public init(
    source: FloatInput, rows: Int, columns: Int, rowStride: Int, columnStride: Int, groups: Int = 1,
    groupStride: Int = 0, packed: FloatOutput
  ) {
    self.source = source
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
    self.groups = groups
    self.groupStride = groupStride
    self.packed = packed
  }

  /// Bytes of the packed form of a K x N matrix on any instruction set.
  public static func byteCount(rows: Int, columns: Int) -> Int {
    Partition.roundUp(columns, panelWidth) * rows * 4
  }

  /// One unit packs as many columns as the widest panel.
  public var unitCount: Int { Partition.ceil(columns, panelWidth) }
}

/// C[M, N] = A[M, K] B[K, N] (+ bias[N]), B packed.
public struct GemmArguments: KernelArguments, @unchecked Sendable {
  /// A; element (m, k) stands at `m * aRow + k * aColumn`.
  public var a: FloatInput
  /// Elements between rows of A.
  public var aRow: Int
  /// Elements between columns of A; 1 for a plain matrix.
  public var aColumn: Int
  /// Packed B.
  public var b: FloatInput
  /// C, dense rows.
  public var c: FloatOutput
  /// Elements between rows of C.
  public var cRow: Int
  /// Added to every row, if present.
  public var bias: FloatInput?
  /// Rows of C.
  public var m: Int
  /// Columns of C.
  public var n: Int
  /// Inner extent.
  public var k: Int

  /// Arguments for one product.
  public init(
    a: FloatInput, aRow: Int, aColumn: Int, b: FloatInput, c: FloatOutput, cRow: Int, bias: FloatInput?, m: Int,
    n: Int, k: Int
  ) {
    self.a = a
    self.aRow = aRow
    self.aColumn = aColumn
    self.b = b
    self.c = c
    self.cRow = cRow
    self.bias = bias
    self.m = m
    self.n = n
    self.k = k
  }

  /// Rows of a unit: a multiple of the tallest tile.
  public static let blockRows = 112
  /// Inner extent of a block of A.
  public static let blockDepth = 512
  /// Columns of a unit; narrower where there are few rows, so that there are enough units.
  public var blockColumns: Int {
    let rowBlocks = Partition.ceil(m, Self.blockRows)
    let wanted = max(1, Partition.ceil(16, rowBlocks))
    let panels = Partition.ceil(n, panelWidth)
    return max(1, Partition.ceil(panels, wanted)) * panelWidth
  }
  /// Units are blocks of C.
  public var unitCount: Int { Partition.ceil(m, Self.blockRows) * Partition.ceil(n, blockColumns) }
  /// A copied with a row length that does not collide in the cache.
  public var scratchByteCount: Int { (Self.blockRows * (Self.blockDepth + 16) + 64) * 4 }
}

/// y[M, N] = x[M, K] W[N, K]^T (+ bias) for few rows, reading W once and unpacked.
public struct SkinnyLinearArguments: KernelArguments, @unchecked Sendable {
  /// x, dense rows.
  public var x: FloatInput
  /// W, dense rows.
  public var w: FloatInput
  /// Added to every row, if present.
  public var bias: FloatInput?
  /// y, dense rows.
  public var y: FloatOutput
  /// Rows of x, at most `maximumRows`.
  public var m: Int
  /// Rows of W.
  public var n: Int
  /// Row length.
  public var k: Int

  /// Arguments for one product.
  public init(x: FloatInput, w: FloatInput, bias: FloatInput?, y: FloatOutput, m: Int, n: Int, k: Int) {
    self.x = x
    self.w = w
    self.bias = bias
    self.y = y
    self.m = m
    self.n = n
    self.k = k
  }

  /// Rows up to which this beats packing.
  public static let maximumRows = 8
  /// Rows of W per unit.
  public static let block = 32
  /// Units are blocks of rows of W.
  public var unitCount: Int { Partition.ceil(n, Self.block) }
}

/// Copies an image [B, H, W, C] into a zeroed frame, optionally with zeros between pixels (the adjoint of a stride).
public struct PadImageArguments: KernelArguments, @unchecked Sendable {
  /// The image.
  public var x: FloatInput
  /// The frame [B, frameHeight, frameWidth, C], followed by `slack` elements.
  public var frame: FloatOutput
  /// Images.
  public var batch: Int
  /// Rows of an image.
  public var height: Int
  /// Columns of an image.
  public var width: Int
  /// Channels.
  public var channels: Int
  /// Zero rows above.
  public var top: Int
  /// Zero columns on the left.
  public var left: Int
  /// Rows of a frame.
  public var frameHeight: Int
  /// Columns of a frame.
  public var frameWidth: Int
  /// Distance in the frame between neighbouring pixels; 1 copies.
  public var dilation: Int

  /// Arguments for one copy.
  public init(
    x: FloatInput, frame: FloatOutput, batch: Int, height: Int, width: Int, channels: Int, top: Int, left: Int,
    frameHeight: Int, frameWidth: Int, dilation: Int
  ) {
    self.x = x
    self.frame = frame
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    self.top = top
    self.left = left
    self.frameHeight = frameHeight
    self.frameWidth = frameWidth
    self.dilation = dilation
  }

  /// Elements that vector loads may touch past the end.
  public static let slack = 64
  /// Units are rows of frames.
  public var unitCount: Int { batch * frameHeight }
}

/// Convolution of a padded frame [B, FH, FW, Cin] with packed weights (rows in the order kh, kw, Cin) into
/// y [B, Ho, Wo, Cout]: no im2col, since kw * Cin inputs of a window row are contiguous in the frame.
public struct ConvolutionArguments: KernelArguments, @unchecked Sendable {
  /// The frame.
  public var frame: FloatInput
  /// Packed weights.
  public var weights: FloatInput
  /// Added to every pixel, if present.
  public var bias: FloatInput?
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

  /// Arguments for one convolution.
  public init(
    frame: FloatInput, weights: FloatInput, bias: FloatInput?, y: FloatOutput, batch: Int, frameHeight: Int,
    frameWidth: Int, inputChannels: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int,
    outputHeight: Int, outputWidth: Int
  ) {
    self.frame = frame
    self.weights = weights
    self.bias = bias
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
  }

  /// Result rows per unit: about 256 pixels.
  public var blockRows: Int { max(1, 256 / outputWidth) }
  /// Units are groups of result rows of one image.
  public var unitCount: Int { batch * Partition.ceil(outputHeight, blockRows) }
}

/// The weight gradient of a convolution: partial sums [splits, Cout, kh, kw, Cin] over fixed shares of the batch,
/// from a padded frame and dy [B, Ho, Wo, Cout].
public struct ConvolutionWeightGradientArguments: KernelArguments, @unchecked Sendable {
  /// The frame of the image.
  public var frame: FloatInput
  /// The gradient of the result.
  public var dy: FloatInput
  /// Partial sums; with one split, the gradient itself.
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
  /// Shares of the batch.
  public var splits: Int

  /// Arguments for one gradient.
  public init(
    frame: FloatInput, dy: FloatInput, partial: FloatOutput, batch: Int, frameHeight: Int, frameWidth: Int,
    inputChannels: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int, outputHeight: Int,
    outputWidth: Int, splits: Int
  ) {
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
    self.splits = splits
  }

  /// Shares for a batch: two where possible, so that 9 taps give 18 even units.
  public static func splits(batch: Int) -> Int { min(2, batch) }
  /// Units are pairs of a share and a tap.
  public var unitCount: Int { splits * kernelHeight * kernelWidth }
}

/// Attention of q [B, T, H, D] over k, v [B, S, H, D] with o and the log-sum-exp of each row [B, H, T].
public struct AttentionArguments: KernelArguments, @unchecked Sendable {
  /// Queries.
  public var q: FloatInput
  /// Keys.
  public var k: FloatInput
  /// Values.
  public var v: FloatInput
  /// Result.
  public var o: FloatOutput
  /// Log-sum-exp of the scaled logits.
  public var lse: FloatOutput
  /// Batch B.
  public var batch: Int
  /// Queries T.
  public var queries: Int
  /// Keys S.
  public var keys: Int
  /// Heads H.
  public var heads: Int
  /// Head width D.
  public var depth: Int
  /// Factor of the logits.
  public var scale: Float
  /// Whether query t sees keys up to t + S - T.
  public var causal: Bool

  /// Arguments for one attention.
  public init(
    q: FloatInput, k: FloatInput, v: FloatInput, o: FloatOutput, lse: FloatOutput, batch: Int, queries: Int, keys: Int,
    heads: Int, depth: Int, scale: Float, causal: Bool
  ) {
    self.q = q
    self.k = k
    self.v = v
    self.o = o
    self.lse = lse
    self.batch = batch
    self.queries = queries
    self.keys = keys
    self.heads = heads
    self.depth = depth
    self.scale = scale
    self.causal = causal
  }

  /// Queries handled together.
  public static let block = 64
  /// Units are blocks of queries of one head of one batch element.
  public var unitCount: Int { batch * heads * Partition.ceil(queries, Self.block) }
  /// Logits of a block, and the transposed keys and copied values of a head.
  public var scratchByteCount: Int {
    let padded = Partition.roundUp(keys, panelWidth)
    return (Self.block * padded + padded * depth + keys * Partition.roundUp(depth, panelWidth) + 256) * 4
  }
}

/// The gradient of attention: dq, dk, dv from q, k, v, o, lse, do.
public struct AttentionGradientArguments: KernelArguments, @unchecked Sendable {
  /// The forward pass: q, k, v, o, lse and sizes; o and lse are only read.
  public var forward: AttentionArguments
  /// Gradient of o.
  public var dOutput: FloatInput
  /// Gradient of q.
  public var dq: FloatOutput
  /// Gradient of k.
  public var dk: FloatOutput
  /// Gradient of v.
  public var dv: FloatOutput

  /// Arguments for one gradient.
  public init(
    forward: AttentionArguments, dOutput: FloatInput, dq: FloatOutput, dk: FloatOutput, dv: FloatOutput
  ) {
    self.forward = forward
    self.dOutput = dOutput
    self.dq = dq
    self.dk = dk
    self.dv = dv
  }

  /// Units are heads of batch elements.
  public var unitCount: Int { forward.batch * forward.heads }
  /// Probabilities and their gradient for one block of queries, and packed operands of one head.
  public var scratchByteCount: Int {
    let block = AttentionArguments.block
    let keys = Partition.roundUp(forward.keys, panelWidth)
    let depth = Partition.roundUp(forward.depth, panelWidth)
    return (2 * block * keys + 2 * keys * forward.depth + forward.keys * depth + 2 * block * depth + 512) * 4
  }
}

/// Attention of one query position over a key/value cache.
public struct CachedAttentionArguments: KernelArguments, @unchecked Sendable {
  /// Query [B, 1, H, D].
  public var q: FloatInput
  /// Keys [B, P, H, D].
  public var keys: FloatInput
  /// Values [B, P, H, D].
  public var values: FloatInput
  /// Position of the query: keys 0...position are seen.
  public var position: IndexInput
  /// Result [B, 1, H, D].
  public var o: FloatOutput
  /// Batch B.
  public var batch: Int
  /// Positions P of the cache.
  public var capacity: Int
  /// Heads H.
  public var heads: Int
  /// Head width D.
  public var depth: Int
  /// Factor of the logits.
  public var scale: Float

  /// Arguments for one attention.
  public init(
    q: FloatInput, keys: FloatInput, values: FloatInput, position: IndexInput, o: FloatOutput, batch: Int,
    capacity: Int, heads: Int, depth: Int, scale: Float
  ) {
    self.q = q
    self.keys = keys
    self.values = values
    self.position = position
    self.o = o
    self.batch = batch
    self.capacity = capacity
    self.heads = heads
    self.depth = depth
    self.scale = scale
  }

  /// Units are heads of batch elements.
  public var unitCount: Int { batch * heads }
  /// Logits of one head.
  public var scratchByteCount: Int { (capacity + 64) * 4 }
}

/// The kernels that spend their time in products of matrices.
public protocol MatrixKernels {
  /// Packs a matrix into column panels.
  static func pack(_ a: PackArguments, _ units: Range<Int>)
  /// Product with a packed matrix.
  static func gemm(_ a: GemmArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Product of few rows with a weight matrix as stored.
  static func skinnyLinear(_ a: SkinnyLinearArguments, _ units: Range<Int>)
  /// Copy of an image into a zeroed frame.
  static func padImage(_ a: PadImageArguments, _ units: Range<Int>)
  /// Convolution.
  static func convolution(_ a: ConvolutionArguments, _ units: Range<Int>)
  /// Weight gradient of a convolution.
  static func convolutionWeightGradient(_ a: ConvolutionWeightGradientArguments, _ units: Range<Int>)
  /// Attention.
  static func attention(_ a: AttentionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Gradient of attention.
  static func attentionGradient(
    _ a: AttentionGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Attention over a cache.
  static func cachedAttention(_ a: CachedAttentionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
}
