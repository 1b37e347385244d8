/// How a (batch of) matrix products C[M, N] = activation(op(A) op(B) + bias) + residual is computed: which kernels run in
/// which order, and the workspace they need. A linear layer is the product x W^T, `transposeB`.
public struct ProductPlan: Sendable, Hashable {
  /// Rows of C.
  public var m: Int
  /// Columns of C.
  public var n: Int
  /// Inner extent.
  public var k: Int
  /// Whether A is stored [K, M].
  public var transposeA: Bool
  /// Whether B is stored [N, K].
  public var transposeB: Bool
  /// Products; A, B and C of consecutive ones are dense and adjacent.
  public var batch: Int
  /// How the operands are held while they are multiplied.
  public var precision: ProductPrecision
  /// Whether B was packed before, in the precision of the product: by `packing` of the weights that it is.
  public var isPacked = false

  /// The plan of a product.
  public init(
    m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false, batch: Int = 1,
    precision: ProductPrecision = .f32
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.batch = batch
    self.precision = precision
  }

  /// Whether the operands are rounded to bf16: few rows, which are read once, stay as they are.
  public var roundsOperands: Bool { precision == .bf16 && !isSkinny }

  /// Whether the product runs along rows of B as stored, without packing.
  var isSkinny: Bool {
    !isPacked && batch == 1 && m <= SkinnyLinearArguments.maximumRows && transposeB && (!transposeA || m == 1)
  }

  /// A^T B as the weight gradient of a convolution with 1 x 1 windows, K seen as an image: nothing is packed, and K is
  /// shared among units where C is small. Nil where rows of B are not whole panels or K has no good divisor.
  var weightGradient: ConvolutionPlan? {
    guard precision != .bf16, batch == 1, transposeA, !transposeB, n > 0, n % panelWidth == 0 else { return nil }
    guard let width = stride(from: min(k, 512), to: 31, by: -1).first(where: { k % $0 == 0 }) else { return nil }
    return ConvolutionPlan(
      batch: 1, height: k / width, width: width, inputChannels: n, outputChannels: m, kernelHeight: 1, kernelWidth: 1,
      stride: 1, top: 0, left: 0, bottom: 0, right: 0, precision: precision)
  }

  /// Bytes of workspace, aligned to 64, that the calls write and read between them.
  public var workspaceByteCount: Int {
    if isSkinny || isPacked { return 0 }
    let depth = precision == .bf16 ? PackArguments.pairs(k) : k
    let packed = batch * PackArguments.byteCount(rows: depth, columns: n)
    return max(packed, weightGradient?.weightGradientWorkspaceByteCount ?? 0)
  }

  /// The calls, in order.
  public func calls(
    a: FloatInput, b: FloatInput, c: FloatOutput, bias: FloatInput? = nil, activation: FusedActivation = .none,
    residual: FloatInput? = nil, workspace: UnsafeMutableRawPointer
  ) -> [MatrixCall] {
    if isSkinny {
      return [
        .skinnyLinear(
          SkinnyLinearArguments(
            x: a, w: b, bias: bias, activation: activation, residual: residual, y: c, m: m, n: n, k: k))
      ]
    }
    if bias == nil, activation == .none, residual == nil, let weightGradient {
      return weightGradient.weightGradientCalls(x: b, dy: a, dw: c, workspace: workspace)
    }
    let packed = workspace.assumingMemoryBound(to: Float.self)
    let pack = MatrixCall.pack(
      PackArguments(
        source: b, rows: k, columns: n, rowStride: transposeB ? 1 : n, columnStride: transposeB ? k : 1, batch: batch,
        batchStride: k * n, precision: precision, packed: packed))
    let product = MatrixCall.gemm(
      GemmArguments(
        a: a, aRow: transposeA ? 1 : k, aColumn: transposeA ? m : 1, b: isPacked ? b : FloatInput(packed), c: c,
        cRow: n, bias: bias, activation: activation, residual: residual, m: m, n: n, k: k, batch: batch,
        aBatch: m * k, cBatch: m * n, precision: precision))
    return isPacked ? [product] : [pack, product]
  }
}
