import IR

/// A tensor held in double precision: real elements for f32 and bf16, integers for i8 and i32; row-major.
public struct Tensor: Hashable, Sendable {
  /// Element type and extents.
  public let type: TensorType
  /// The elements of an f32 or bf16 tensor; empty otherwise.
  public var reals: [Double]
  /// The elements of an i8 or i32 tensor; empty otherwise.
  public var integers: [Int]

  /// A real tensor of the given type.
  public init(_ type: TensorType, _ reals: [Double]) {
    precondition(
      !type.dtype.isInteger && reals.count == type.count, "\(reals.count) reals are no \(type)")
    self.type = type
    self.reals = reals
    integers = []
  }

  /// An i8 or i32 tensor.
  public init(_ type: TensorType, integers: [Int]) {
    precondition(
      type.dtype.isInteger && integers.count == type.count,
      "\(integers.count) integers are no \(type)")
    self.type = type
    reals = []
    self.integers = integers
  }

  /// A tensor with every element equal to `value`.
  public init(_ type: TensorType, filledWith value: Double) {
    if type.dtype.isInteger {
      self.init(type, integers: Array(repeating: Int(value), count: type.count))
    } else {
      self.init(type, Array(repeating: value, count: type.count))
    }
  }

  /// An f32 scalar.
  public static func scalar(_ value: Double) -> Tensor { Tensor(.f32(), [value]) }

  /// An i32 scalar.
  public static func scalar(integer value: Int) -> Tensor { Tensor(.i32(), integers: [value]) }

  /// The extents.
  public var shape: [Int] { type.shape }

  /// The same elements under another type with as many elements.
  public func viewed(as type: TensorType) -> Tensor {
    type.dtype.isInteger ? Tensor(type, integers: integers) : Tensor(type, reals)
  }
}
