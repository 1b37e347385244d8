/// How a symbol's storage is filled when it is first created.
public enum Initializer: Hashable, Sendable {
  /// All zeros.
  case zeros
  /// All ones.
  case ones
  /// Normal with mean 0 and the given standard deviation.
  case normal(deviation: Float)
  /// Normal with the given mean and standard deviation.
  case normalAround(mean: Float, deviation: Float)
  /// Uniform on [-bound, bound).
  case uniform(bound: Float)
  /// Uniform rows scaled to unit l2 norm: the initial sub-codebook (method section 1).
  case unitRows(bound: Float)
  /// The 2-D rotary table (method section 3): one zero entry for the class position, then `grid * grid` rows
  /// of (cos, sin) pairs, the first half of the pairs by row and the second by column.
  case rotary2D(grid: Int, base: Float)
  /// All points of a grid in [-1, 1]^d with `levels[j]` evenly spaced coordinates in dimension j, the first dimension
  /// changing fastest: the fixed codebook of finite scalar quantization (two levels: of lookup-free quantization).
  case lattice(levels: [Int])
  /// A copy of another symbol's initial value (an exponential moving average starts at its source).
  case copy(of: String)
  /// The contents of an f32 symbol in a narrower form.
  case narrowed(from: String, Narrowing)
}

/// What is kept of an f32 matrix [N, K] that is stored in fewer bits.
public enum Narrowing: String, Hashable, Sendable, CaseIterable {
  /// bf16[N, K]: every element rounded to the nearest, ties to even.
  case bf16
  /// i8[N, K]: every element divided by its row's scale and rounded to the nearest, ties to even; from -127 to 127.
  case i8
  /// f32[N]: the scale of each row, its largest magnitude / 127.
  case scales

  /// The type of what is kept of a matrix; nil for what is no f32 matrix.
  public func type(of matrix: TensorType) -> TensorType? {
    guard matrix.dtype == .f32, matrix.rank == 2 else { return nil }
    switch self {
    case .bf16: return TensorType(.bf16, matrix.shape)
    case .i8: return TensorType(.i8, matrix.shape)
    case .scales: return .f32(matrix.shape[0])
    }
  }
}

/// What a symbol is to the program that names it.
public enum SymbolRole: String, Hashable, Sendable, CaseIterable {
  /// Trained by gradient descent.
  case parameter
  /// Persistent and updated in place: optimizer moments, counters, moving averages, key/value caches.
  case state
  /// Computed once from its initializer and never written: rotary tables.
  case constant
  /// Computed from parameters and constants by a setup program whenever those have changed; never saved.
  case derived
}

/// Named storage that outlives a run and is shared between programs.
public struct Symbol: Hashable, Sendable {
  /// Dotted path, unique in a parameter store, for example `encoder.conv_in.weight`.
  public var name: String
  /// Type of the stored tensor.
  public var type: TensorType
  /// Who may write it.
  public var role: SymbolRole
  /// Its first value.
  public var initializer: Initializer

  /// A declaration of named storage.
  public init(name: String, type: TensorType, role: SymbolRole, initializer: Initializer) {
    self.name = name
    self.type = type
    self.role = role
    self.initializer = initializer
  }
}
