/// How weights are stored that are narrower than f32.
public enum NarrowStorage: Int32, Sendable, BitwiseCopyable {
  /// bfloat16.
  case bf16
  /// 8-bit signed integers, to be multiplied by the scale of their row.
  case i8

  /// Size of one element in bytes.
  public var byteCount: Int { self == .bf16 ? 2 : 1 }
}

/// y[M, N] = activation(x[M, K] W[N, K]^T + bias) + residual for few rows, W narrower than f32 and read once.
public struct NarrowLinearArguments: KernelArguments, @unchecked Sendable {
  /// x, dense rows.
  public var x: FloatInput
  /// W, dense rows.
  public var w: UnsafeRawPointer
  /// How W is stored.
  public var storage: NarrowStorage
  /// Scales [N] of the rows of an i8 W.
  public var scales: FloatInput?
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
    x: FloatInput, w: UnsafeRawPointer, storage: NarrowStorage, scales: FloatInput?, bias: FloatInput?,
    activation: FusedActivation = .none, residual: FloatInput? = nil, y: FloatOutput, m: Int, n: Int, k: Int
  ) {
    self.x = x
    self.w = w
    self.storage = storage
    self.scales = scales
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.y = y
    self.m = m
    self.n = n
    self.k = k
  }

  /// Rows up to which this beats widening W and packing it.
  public static let maximumRows = 32
  /// Rows of W per unit.
  public static let block = 32
  /// Units are blocks of rows of W.
  public var unitCount: Int { Partition.ceil(n, Self.block) }
  /// x with its elements in the order in which they are met in words of W.
  public var scratchByteCount: Int { m * k * 4 }
}

/// Rows of narrow weights [N, K] as f32.
public struct WidenArguments: KernelArguments, @unchecked Sendable {
  /// W, dense rows.
  public var w: UnsafeRawPointer
  /// How W is stored.
  public var storage: NarrowStorage
  /// Scales [N] of the rows of an i8 W.
  public var scales: FloatInput?
  /// Row of W for each row of the result, clamped to W; the row itself if nil.
  public var indices: IndexInput?
  /// Result, dense rows.
  public var y: FloatOutput
  /// Rows of W.
  public var rows: Int
  /// Rows of the result.
  public var count: Int
  /// Row length.
  public var width: Int

  /// Arguments for one call.
  public init(
    w: UnsafeRawPointer, storage: NarrowStorage, scales: FloatInput?, indices: IndexInput? = nil, y: FloatOutput,
    rows: Int, count: Int, width: Int
  ) {
    self.w = w
    self.storage = storage
    self.scales = scales
    self.indices = indices
    self.y = y
    self.rows = rows
    self.count = count
    self.width = width
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.rows(width: width)) }
}
