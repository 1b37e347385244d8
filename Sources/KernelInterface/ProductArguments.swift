/// Packs matrices into column panels: panel p holds, for k = 0..<K, the elements of columns p*NR..<(p+1)*NR, zeros past
/// the last column. Every instruction set has its own NR; the packed form is not portable between them.
public struct PackArguments: KernelArguments, @unchecked Sendable {
  /// Where elements come from; element (k, n) of group (i, j) of matrix b stands at
  /// `b * batchStride + i * outerStride + j * groupStride + k * rowStride + n * columnStride`.
  public var source: FloatInput
  /// Rows of one group.
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
  /// Runs of `groups` groups (rows of a window); 1 for a plain matrix.
  public var outerGroups: Int
  /// Elements between runs of groups; may be negative.
  public var outerStride: Int
  /// Matrices, each packed by itself.
  public var batch: Int
  /// Elements between matrices.
  public var batchStride: Int
  /// Columns one after another instead of panels: what convolutions to a few channels read.
  public var byColumn: Bool
  /// How elements are held. As bf16, consecutive k of a group share a word, the first in its lower half, and a group with
  /// an odd number of rows ends with zeros; words stand where elements would.
  public var precision: ProductPrecision
  /// Panels, `Self.byteCount` long for each matrix.
  public var packed: FloatOutput

  /// Arguments for matrices of K = outerGroups * groups * rows rows.
  public init(
    source: FloatInput, rows: Int, columns: Int, rowStride: Int, columnStride: Int, groups: Int = 1,
    groupStride: Int = 0, outerGroups: Int = 1, outerStride: Int = 0, batch: Int = 1, batchStride: Int = 0,
    byColumn: Bool = false, precision: ProductPrecision = .f32, packed: FloatOutput
  ) {
    self.source = source
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
    self.groups = groups
    self.groupStride = groupStride
    self.outerGroups = outerGroups
    self.outerStride = outerStride
    self.batch = batch
    self.batchStride = batchStride
    self.byColumn = byColumn
    self.precision = precision
    self.packed = packed
  }

  /// Arguments for weights [N, kernelHeight, run], `run` being the elements of a window row; a linear layer has one row.
  public init(
    weights: FloatInput, outputChannels: Int, kernelHeight: Int, run: Int, byColumn: Bool = false,
    precision: ProductPrecision, packed: FloatOutput
  ) {
    // The words of a window row are a group of their own: in a frame, they need not follow those of the row above.
    let rows = precision == .bf16 ? run : kernelHeight * run
    self.init(
      source: weights, rows: rows, columns: outputChannels, rowStride: 1, columnStride: kernelHeight * run,
      outerGroups: precision == .bf16 ? kernelHeight : 1, outerStride: rows, byColumn: byColumn, precision: precision,
      packed: packed)
  }

  /// Elements of the packed form of a K x N matrix on any instruction set.
  public static func packedCount(rows: Int, columns: Int) -> Int { Partition.roundUp(columns, panelWidth) * rows }

  /// Bytes of the packed form of a K x N matrix on any instruction set.
  public static func byteCount(rows: Int, columns: Int) -> Int { packedCount(rows: rows, columns: columns) * 4 }

  /// Rows of a packed matrix: K, or with bf16 the words of K.
  public var depth: Int { outerGroups * groups * (precision == .bf16 ? Self.pairs(rows) : rows) }
  /// Words that hold so many bf16 elements.
  public static func pairs(_ count: Int) -> Int { Partition.ceil(count, 2) }
  /// One unit packs as many columns as the widest panel.
  public var unitCount: Int { batch * Partition.ceil(columns, panelWidth) }
}

/// C[M, N] = activation(A[M, K] B[K, N] + bias[N]) + residual[M, N], B packed, for a batch of products.
public struct GemmArguments: KernelArguments, @unchecked Sendable {
  /// A; element (m, k) stands at `m * aRow + k * aColumn`.
  public var a: FloatInput
  /// Elements between rows of A.
  public var aRow: Int
  /// Elements between columns of A; 1 for a plain matrix.
  public var aColumn: Int
  /// Packed B, in the precision of the product.
  public var b: FloatInput
  /// C, rows `cRow` apart.
  public var c: FloatOutput
  /// Elements between rows of C.
  public var cRow: Int
  /// Added to every row, if present.
  public var bias: FloatInput?
  /// Applied after the bias.
  public var activation: FusedActivation
  /// Added last, if present; laid out like C, which it must not overlap.
  public var residual: FloatInput?
  /// Rows of C.
  public var m: Int
  /// Columns of C.
  public var n: Int
  /// Inner extent.
  public var k: Int
  /// Products.
  public var batch: Int
  /// Elements between matrices A.
  public var aBatch: Int
  /// Elements between matrices C (and residuals).
  public var cBatch: Int
  /// How the operands are held while they are multiplied.
  public var precision: ProductPrecision

  /// Arguments for a batch of products.
  public init(
    a: FloatInput, aRow: Int, aColumn: Int, b: FloatInput, c: FloatOutput, cRow: Int, bias: FloatInput?,
    activation: FusedActivation = .none, residual: FloatInput? = nil, m: Int, n: Int, k: Int, batch: Int = 1,
    aBatch: Int = 0, cBatch: Int = 0, precision: ProductPrecision = .f32
  ) {
    self.a = a
    self.aRow = aRow
    self.aColumn = aColumn
    self.b = b
    self.c = c
    self.cRow = cRow
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.m = m
    self.n = n
    self.k = k
    self.batch = batch
    self.aBatch = aBatch
    self.cBatch = cBatch
    self.precision = precision
  }

  /// Rows of a unit: a multiple of the tallest tile.
  public static let blockRows = 112
  /// Inner extent of a block of A.
  public static let blockDepth = 512
  /// Units that are enough for any sensible number of threads.
  static let wantedUnits = 16
  /// Blocks of rows of one product.
  public var rowBlocks: Int { Partition.ceil(m, Self.blockRows) }
  /// Columns of a unit; narrower where there are few rows, so that there are enough units.
  public var blockColumns: Int {
    let wanted = max(1, Partition.ceil(Self.wantedUnits, max(1, rowBlocks * batch)))
    let panels = Partition.ceil(n, panelWidth)
    return max(1, Partition.ceil(panels, wanted)) * panelWidth
  }
  /// Units are blocks of C.
  public var unitCount: Int { batch * rowBlocks * Partition.ceil(n, blockColumns) }
  /// Rows of A in bf16 with a row length that does not collide in the cache.
  public static let pairedRow = blockDepth + 32
  /// A copied with a row length that does not collide in the cache.
  public var scratchByteCount: Int { (Self.blockRows * (Self.blockDepth + 16) + 64) * 4 }
}

/// y[M, N] = activation(x[M, K] W[N, K]^T + bias) + residual for few rows, reading W once and unpacked.
public struct SkinnyLinearArguments: KernelArguments, @unchecked Sendable {
  /// x, dense rows.
  public var x: FloatInput
  /// W, dense rows.
  public var w: FloatInput
  /// Added to every row, if present.
  public var bias: FloatInput?
  /// Applied after the bias.
  public var activation: FusedActivation
  /// Added last, if present; laid out like y, which it must not overlap.
  public var residual: FloatInput?
  /// y, dense rows.
  public var y: FloatOutput
  /// Rows of x, at most `maximumRows`.
  public var m: Int
  /// Rows of W.
  public var n: Int
  /// Row length.
  public var k: Int

  /// Arguments for one product.
  public init(
    x: FloatInput, w: FloatInput, bias: FloatInput?, activation: FusedActivation = .none, residual: FloatInput? = nil,
    y: FloatOutput, m: Int, n: Int, k: Int
  ) {
    self.x = x
    self.w = w
    self.bias = bias
    self.activation = activation
    self.residual = residual
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
