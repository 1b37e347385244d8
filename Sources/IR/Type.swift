/// Element type of a tensor.
public enum DType: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 single precision: activations, weights, losses.
  case f32
  /// bfloat16: storage of weights and operands where a spec asks for it.
  case bf16
  /// 8-bit signed integers: storage of weights that come with one scale per row.
  case i8
  /// 32-bit signed integers: codes, labels, positions, step counters.
  case i32

  /// Size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .i8: 1
    case .bf16: 2
    case .f32, .i32: 4
    }
  }

  /// Whether elements are integers.
  public var isInteger: Bool { self == .i8 || self == .i32 }
}

/// Type of a value: an element type and a fully known shape, row-major and dense. Rank 0 is a scalar.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  /// Element type.
  public var dtype: DType
  /// Extents, outermost first.
  public var shape: [Int]

  /// A type with the given element type and extents.
  public init(_ dtype: DType, _ shape: [Int]) {
    self.dtype = dtype
    self.shape = shape
  }

  /// An f32 type with the given extents.
  public static func f32(_ shape: Int...) -> TensorType { TensorType(.f32, shape) }
  /// An i32 type with the given extents.
  public static func i32(_ shape: Int...) -> TensorType { TensorType(.i32, shape) }

  /// Number of dimensions.
  public var rank: Int { shape.count }
  /// Most elements of a valid type: far more than memory holds, and few enough that sizes cannot overflow.
  public static let mostElements = 1 << 40
  /// Why no value can have this type; nil for a valid type.
  public var problem: String? {
    if shape.contains(where: { $0 <= 0 }) { return "\(self) has an extent that is not positive" }
    return count > Self.mostElements ? "\(self) has more elements than a tensor can have" : nil
  }

  /// Number of elements; beyond `mostElements` only known to be beyond.
  public var count: Int {
    shape.reduce(1) { count, extent in
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      return overflows ? Self.mostElements + 1 : min(product, Self.mostElements + 1)
    }
  }
  /// Size in bytes.
  public var byteCount: Int { count * dtype.byteCount }
  /// Extent of the innermost dimension; 1 for a scalar.
  public var lastExtent: Int { shape.last ?? 1 }
  /// Number of innermost rows: `count / lastExtent`.
  public var rowCount: Int { shape.dropLast().reduce(1, *) }

  /// The textual form, for example `f32[8,64,64,3]`.
  public var description: String { "\(dtype.rawValue)[\(shape.map(String.init).joined(separator: ","))]" }
}
