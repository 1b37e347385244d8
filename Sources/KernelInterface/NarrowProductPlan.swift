/// How a linear layer with narrow weights is computed: few rows read the weights as they are stored; many are worth
/// widening them to f32 first.
public struct NarrowProductPlan: Sendable, Hashable {
  /// Rows of x.
  public var m: Int
  /// Rows of W.
  public var n: Int
  /// Row length.
  public var k: Int
  /// How W is stored.
  public var storage: NarrowStorage
  /// How the operands of products of many rows are held.
  public var precision: ProductPrecision

  /// The plan of a layer.
  public init(m: Int, n: Int, k: Int, storage: NarrowStorage, precision: ProductPrecision = .f32) {
    self.m = m
    self.n = n
    self.k = k
    self.storage = storage
    self.precision = precision
  }

  private var widened: ProductPlan? {
    m > NarrowLinearArguments.maximumRows ? ProductPlan(m: m, n: n, k: k, transposeB: true, precision: precision) : nil
  }

  private var widenedByteCount: Int { Partition.roundUp(n * k * 4, 64) }

  /// Bytes of workspace, aligned to 64, that the calls write and read between them.
  public var workspaceByteCount: Int { widened.map { widenedByteCount + $0.workspaceByteCount } ?? 0 }

  /// The calls, in order.
  public func calls(
    x: FloatInput, w: UnsafeRawPointer, scales: FloatInput?, y: FloatOutput, bias: FloatInput? = nil,
    activation: FusedActivation = .none, residual: FloatInput? = nil, workspace: UnsafeMutableRawPointer
  ) -> [MatrixCall] {
    guard let widened else {
      return [
        .narrowLinear(
          NarrowLinearArguments(
            x: x, w: w, storage: storage, scales: scales, bias: bias, activation: activation, residual: residual, y: y,
            m: m, n: n, k: k))
      ]
    }
    let full = workspace.assumingMemoryBound(to: Float.self)
    let widen = WidenArguments(w: w, storage: storage, scales: scales, y: full, rows: n, count: n, width: k)
    return [.widen(widen)]
      + widened.calls(
        a: x, b: full, c: y, bias: bias, activation: activation, residual: residual,
        workspace: workspace + widenedByteCount)
  }
}
