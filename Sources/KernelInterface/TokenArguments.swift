/// Adjacent pairs of each head turned by the angles of their position.
public struct RotaryArguments: KernelArguments, @unchecked Sendable {
  /// Operand: B T tokens of H heads [D] and `kept` elements more.
  public var x: FloatInput
  /// (cos, sin) [P, D/2, 2].
  public var table: FloatInput
  /// Row of the first token; 0 if nil.
  public var position: IndexInput?
  /// Result; may be x.
  public var y: FloatOutput
  /// B.
  public var batch: Int
  /// T.
  public var tokens: Int
  /// H.
  public var heads: Int
  /// D.
  public var depth: Int
  /// Elements after the heads of a token that stay as they are.
  public var kept: Int
  /// P.
  public var tableRows: Int
  /// Whether sines change sign.
  public var inverse: Bool

  /// Arguments for one call.
  public init(
    x: FloatInput, table: FloatInput, position: IndexInput?, y: FloatOutput, batch: Int, tokens: Int, heads: Int,
    depth: Int, kept: Int = 0, tableRows: Int, inverse: Bool
  ) {
    self.x = x
    self.table = table
    self.position = position
    self.y = y
    self.batch = batch
    self.tokens = tokens
    self.heads = heads
    self.depth = depth
    self.kept = kept
    self.tableRows = tableRows
    self.inverse = inverse
  }

  /// Elements of a token.
  public var width: Int { heads * depth + kept }
  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(batch * tokens, Partition.rows(width: width)) }
}

/// Rows of a table picked by indices; indices are clamped to the table.
public struct EmbeddingArguments: KernelArguments, @unchecked Sendable {
  /// Table [K, D].
  public var table: FloatInput
  /// Indices [N].
  public var indices: IndexInput
  /// Result [N, D].
  public var y: FloatOutput
  /// Rows K of the table.
  public var rows: Int
  /// Row length D.
  public var width: Int
  /// Indices N.
  public var count: Int

  /// Arguments for one call.
  public init(table: FloatInput, indices: IndexInput, y: FloatOutput, rows: Int, width: Int, count: Int) {
    self.table = table
    self.indices = indices
    self.y = y
    self.rows = rows
    self.width = width
    self.count = count
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.rows(width: width)) }
}

/// Rows of dy summed by index, in order of position.
public struct EmbeddingGradientArguments: KernelArguments, @unchecked Sendable {
  /// Indices [N].
  public var indices: IndexInput
  /// Gradient [N, D].
  public var dy: FloatInput
  /// Result [K, D].
  public var table: FloatOutput
  /// Rows K of the table.
  public var rows: Int
  /// Row length D.
  public var width: Int
  /// Indices N.
  public var count: Int

  /// Arguments for one call.
  public init(indices: IndexInput, dy: FloatInput, table: FloatOutput, rows: Int, width: Int, count: Int) {
    self.indices = indices
    self.dy = dy
    self.table = table
    self.rows = rows
    self.width = width
    self.count = count
  }

  /// Independent parts of the work.
  public var unitCount: Int { min(rows, 16) }
}

/// Elements zeroed at random, the rest scaled.
public struct DropoutArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result; may be x.
  public var y: FloatOutput
  /// (seed, step).
  public var key: IndexInput
  /// Elements.
  public var count: Int
  /// Share dropped.
  public var rate: Float
  /// Number of the draw.
  public var stream: UInt32

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, key: IndexInput, count: Int, rate: Float, stream: UInt32) {
    self.x = x
    self.y = y
    self.key = key
    self.count = count
    self.rate = rate
    self.stream = stream
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(count, Partition.elementwise) }
}

/// Labels replaced at random.
public struct DropLabelsArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var labels: IndexInput
  /// Result.
  public var result: IndexOutput
  /// (seed, step).
  public var key: IndexInput
  /// Labels.
  public var count: Int
  /// Share replaced.
  public var rate: Float
  /// The new label.
  public var replacement: Int32
  /// Number of the draw.
  public var stream: UInt32

  /// Arguments for one call.
  public init(
    labels: IndexInput, result: IndexOutput, key: IndexInput, count: Int, rate: Float, replacement: Int32,
    stream: UInt32
  ) {
    self.labels = labels
    self.result = result
    self.key = key
    self.count = count
    self.rate = rate
    self.replacement = replacement
    self.stream = stream
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}

/// One index per row of logits after temperature, top-k and top-p.
public struct SampleArguments: KernelArguments, @unchecked Sendable {
  /// Logits [B, K].
  public var logits: FloatInput
  /// (temperature, top_k, top_p).
  public var settings: FloatInput
  /// (seed, step).
  public var key: IndexInput
  /// Position, part of the draw.
  public var position: IndexInput
  /// Indices [B].
  public var result: IndexOutput
  /// Rows B.
  public var rows: Int
  /// Row length K.
  public var width: Int
  /// Number of the draw.
  public var stream: UInt32

  /// Arguments for one call.
  public init(
    logits: FloatInput, settings: FloatInput, key: IndexInput, position: IndexInput, result: IndexOutput, rows: Int,
    width: Int, stream: UInt32
  ) {
    self.logits = logits
    self.settings = settings
    self.key = key
    self.position = position
    self.result = result
    self.rows = rows
    self.width = width
    self.stream = stream
  }

  /// A copy of a row and its order.
  public var scratchByteCount: Int { (3 * width + 64) * 4 }
  /// Independent parts of the work.
  public var unitCount: Int { rows }
}

/// Indices drawn from 0..<bound.
public struct RandomIndicesArguments: KernelArguments, @unchecked Sendable {
  /// Seed and step.
  public var key: IndexInput
  /// Result.
  public var indices: IndexOutput
  /// Number of indices.
  public var count: Int
  /// End of their range.
  public var bound: Int
  /// Stream of the draw.
  public var stream: UInt32

  /// Arguments for one call.
  public init(key: IndexInput, indices: IndexOutput, count: Int, bound: Int, stream: UInt32) {
    self.key = key
    self.indices = indices
    self.count = count
    self.bound = bound
    self.stream = stream
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}

/// Numbers drawn from [0, 1).
public struct RandomUniformArguments: KernelArguments, @unchecked Sendable {
  /// Seed and step.
  public var key: IndexInput
  /// Result.
  public var result: FloatOutput
  /// Number of numbers.
  public var count: Int
  /// Place of the first in the draw.
  public var first: Int
  /// Stream of the draw.
  public var stream: UInt32

  /// Arguments for one call.
  public init(key: IndexInput, result: FloatOutput, count: Int, first: Int, stream: UInt32) {
    self.key = key
    self.result = result
    self.count = count
    self.first = first
    self.stream = stream
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}
