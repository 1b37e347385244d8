/// Sum over the middle of [outer, rows, inner], times a factor. The last outer part may be short: `limit` rows in all.
public struct ReduceArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result [outer, inner].
  public var y: FloatOutput
  /// Outer extent.
  public var outer: Int
  /// Rows of one sum.
  public var rows: Int
  /// Inner extent.
  public var inner: Int
  /// Rows of the operand over all outer parts.
  public var limit: Int
  /// Factor of the result.
  public var factor: Float

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, outer: Int, rows: Int, inner: Int, limit: Int, factor: Float) {
    self.x = x
    self.y = y
    self.outer = outer
    self.rows = rows
    self.inner = inner
    self.limit = limit
    self.factor = factor
  }

  /// Columns of a unit.
  public static let block = 64
  /// Rows above which a sum is split in `chunks`.
  public static let splitRows = 1024
  /// Parts of a split sum: a function of the shape alone.
  public static func chunks(rows: Int) -> Int { min(64, Partition.ceil(rows, 256)) }
  /// Independent parts of the work.
  public var unitCount: Int { inner < 16 ? outer : outer * Partition.ceil(inner, Self.block) }
}

/// Partial sums of squares, one per unit.
public struct SquaredSumArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// One sum per unit.
  public var partial: FloatOutput
  /// Elements.
  public var count: Int

  /// Arguments for one call.
  public init(x: FloatInput, partial: FloatOutput, count: Int) {
    self.x = x
    self.partial = partial
    self.count = count
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// The root of the sum of partial sums.
public struct NormFinishArguments: KernelArguments, @unchecked Sendable {
  /// Partial sums.
  public var partial: FloatInput
  /// Number of them.
  public var count: Int
  /// Result, one element.
  public var norm: FloatOutput

  /// Arguments for one call.
  public init(partial: FloatInput, count: Int, norm: FloatOutput) {
    self.partial = partial
    self.count = count
    self.norm = norm
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}
