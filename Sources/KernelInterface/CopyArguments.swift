/// Rows of 4-byte elements copied between strided places (concat, slice, pad).
public struct CopyBlocksArguments: KernelArguments, @unchecked Sendable {
  /// First source row.
  public var source: FloatInput
  /// First target row.
  public var target: FloatOutput
  /// Rows.
  public var rows: Int
  /// Elements of a row.
  public var length: Int
  /// Elements between source rows.
  public var sourceStride: Int
  /// Elements between target rows.
  public var targetStride: Int

  /// Arguments for one call.
  public init(source: FloatInput, target: FloatOutput, rows: Int, length: Int, sourceStride: Int, targetStride: Int) {
    self.source = source
    self.target = target
    self.rows = rows
    self.length = length
    self.sourceStride = sourceStride
    self.targetStride = targetStride
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: length)) }
}

/// Dense result whose dimension i is a source dimension, up to five, outermost first (leading ones padded with 1).
public struct TransposeArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var source: FloatInput
  /// Result.
  public var target: FloatOutput
  /// Extents of the result, five used.
  public var extents: SIMD8<Int>
  /// Source elements between neighbours along each result dimension.
  public var strides: SIMD8<Int>

  /// Arguments for one call.
  public init(source: FloatInput, target: FloatOutput, extents: SIMD8<Int>, strides: SIMD8<Int>) {
    self.source = source
    self.target = target
    self.extents = extents
    self.strides = strides
  }

  /// Independent parts of the work.
  public var unitCount: Int { extents[0] * extents[1] }
}

/// [outer, inner] repeated to [outer, repeats, inner].
public struct BroadcastArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Outer extent.
  public var outer: Int
  /// Repetitions.
  public var repeats: Int
  /// Inner extent.
  public var inner: Int

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, outer: Int, repeats: Int, inner: Int) {
    self.x = x
    self.y = y
    self.outer = outer
    self.repeats = repeats
    self.inner = inner
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(outer * repeats, Partition.rows(width: inner)) }
}

/// Rows [batch, width] written at a position of a cache [batch, capacity, width].
public struct CacheWriteArguments: KernelArguments, @unchecked Sendable {
  /// Rows.
  public var x: FloatInput
  /// The cache.
  public var cache: FloatOutput
  /// The position; clamped to the capacity.
  public var position: IndexInput
  /// Rows.
  public var batch: Int
  /// Positions.
  public var capacity: Int
  /// Elements of a row.
  public var width: Int

  /// Arguments for one call.
  public init(x: FloatInput, cache: FloatOutput, position: IndexInput, batch: Int, capacity: Int, width: Int) {
    self.x = x
    self.cache = cache
    self.position = position
    self.batch = batch
    self.capacity = capacity
    self.width = width
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}
