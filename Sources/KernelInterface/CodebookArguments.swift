/// Entries [K, d] as blocks of one vector width: d planes and a plane of half squared norms, for search and entropy.
public struct PackCodebookArguments: KernelArguments, @unchecked Sendable {
  /// Entries.
  public var entries: FloatInput
  /// Blocks.
  public var packed: FloatOutput
  /// Entries K.
  public var size: Int
  /// Row length d.
  public var width: Int

  /// Arguments for one call.
  public init(entries: FloatInput, packed: FloatOutput, size: Int, width: Int) {
    self.entries = entries
    self.packed = packed
    self.size = size
    self.width = width
  }

  /// Bytes of the packed form on any instruction set.
  public static func byteCount(size: Int, width: Int) -> Int { Partition.roundUp(size, 16) * (width + 1) * 4 }
  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}

/// What the search for the nearest entry writes besides its index.
public struct QuantizationOutputs: BitwiseCopyable, @unchecked Sendable {
  /// Entries [K, d].
  public var entries: FloatInput
  /// z + (e - z) [N, d].
  public var passed: FloatOutput
  /// e - z [N, d].
  public var difference: FloatOutput
  /// |e - z|^2 [N].
  public var errors: FloatOutput

  /// The outputs of one search.
  public init(entries: FloatInput, passed: FloatOutput, difference: FloatOutput, errors: FloatOutput) {
    self.entries = entries
    self.passed = passed
    self.difference = difference
    self.errors = errors
  }
}

/// Index of the nearest entry of each row, ties to the lowest.
public struct NearestCodeArguments: KernelArguments, @unchecked Sendable {
  /// Rows [N, d].
  public var z: FloatInput
  /// Packed entries.
  public var packed: FloatInput
  /// Result [N].
  public var indices: IndexOutput
  /// What is made of the entries found, if anything.
  public var outputs: QuantizationOutputs?
  /// Rows N.
  public var rows: Int
  /// Entries K.
  public var size: Int
  /// Row length d.
  public var width: Int

  /// Arguments for one call.
  public init(
    z: FloatInput, packed: FloatInput, indices: IndexOutput, outputs: QuantizationOutputs? = nil, rows: Int, size: Int,
    width: Int
  ) {
    self.z = z
    self.packed = packed
    self.indices = indices
    self.outputs = outputs
    self.rows = rows
    self.size = size
    self.width = width
  }

  /// Rows of a unit.
  public static let block = 32
  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Self.block) }
}

/// Codes replaced by codes of near entries at random.
public struct PerturbCodesArguments: KernelArguments, @unchecked Sendable {
  /// Codes [B, T].
  public var codes: IndexInput
  /// Entries [K, d].
  public var entries: FloatInput
  /// The same entries, packed.
  public var packed: FloatInput
  /// Share of the codes of a disturbed image that are replaced, one number.
  public var share: FloatInput
  /// (seed, step).
  public var key: IndexInput
  /// Result [B, T].
  public var result: IndexOutput
  /// Codes B T.
  public var rows: Int
  /// Codes T of an image.
  public var tokens: Int
  /// Entries K.
  public var size: Int
  /// Row length d.
  public var width: Int
  /// Share of images disturbed.
  public var images: Float
  /// Neighbours drawn from, below K.
  public var nearest: Int
  /// Number of the draw.
  public var stream: UInt32

  /// Arguments for one call.
  public init(
    codes: IndexInput, entries: FloatInput, packed: FloatInput, share: FloatInput, key: IndexInput,
    result: IndexOutput, rows: Int, tokens: Int, size: Int, width: Int, images: Float, nearest: Int, stream: UInt32
  ) {
    self.codes = codes
    self.entries = entries
    self.packed = packed
    self.share = share
    self.key = key
    self.result = result
    self.rows = rows
    self.tokens = tokens
    self.size = size
    self.width = width
    self.images = images
    self.nearest = nearest
    self.stream = stream
  }

  /// Rows of a unit.
  public static let block = 32
  /// Distances and indices of the neighbours of one code.
  public var scratchByteCount: Int { nearest * 8 }
  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Self.block) }
}

/// First half of the entropy loss: entropy and log-sum-exp of each row's assignment, and sums of the assignments per chunk of rows. The logits are -|z - e|^2 / temperature.
public struct EntropyRowsArguments: KernelArguments, @unchecked Sendable {
  /// Rows [N, d].
  public var z: FloatInput
  /// Packed entries.
  public var packed: FloatInput
  /// Log-sum-exp [N].
  public var lse: FloatOutput
  /// Entropies [N].
  public var entropies: FloatOutput
  /// Sums of assignments [chunks, padded K].
  public var sums: FloatOutput
  /// Rows N.
  public var rows: Int
  /// Entries K.
  public var size: Int
  /// Row length d.
  public var width: Int
  /// Temperature.
  public var temperature: Float

  /// Arguments for one call.
  public init(
    z: FloatInput, packed: FloatInput, lse: FloatOutput, entropies: FloatOutput, sums: FloatOutput, rows: Int,
    size: Int, width: Int, temperature: Float
  ) {
    self.z = z
    self.packed = packed
    self.lse = lse
    self.entropies = entropies
    self.sums = sums
    self.rows = rows
    self.size = size
    self.width = width
    self.temperature = temperature
  }

  /// Chunks of rows: a function of the shape alone.
  public static func chunks(rows: Int) -> Int { min(16, Partition.ceil(rows, 8)) }
  /// K rounded up to whole vectors of any instruction set.
  public static func padded(_ size: Int) -> Int { Partition.roundUp(size, 16) }
  /// Logits of one row.
  public var scratchByteCount: Int { (Self.padded(size) + 64) * 4 }
  /// Independent parts of the work.
  public var unitCount: Int { Self.chunks(rows: rows) }
}

/// Second half: the mean assignment and the loss.
public struct EntropyFinishArguments: KernelArguments, @unchecked Sendable {
  /// Sums of assignments.
  public var sums: FloatInput
  /// Entropies of the rows.
  public var entropies: FloatInput
  /// Mean assignment [K].
  public var average: FloatOutput
  /// Loss, one element.
  public var loss: FloatOutput
  /// Rows N.
  public var rows: Int
  /// Entries K.
  public var size: Int

  /// Arguments for one call.
  public init(sums: FloatInput, entropies: FloatInput, average: FloatOutput, loss: FloatOutput, rows: Int, size: Int) {
    self.sums = sums
    self.entropies = entropies
    self.average = average
    self.loss = loss
    self.rows = rows
    self.size = size
  }

  /// Independent parts of the work.
  public var unitCount: Int { 1 }
}

/// Gradient of the entropy loss with respect to z, and sums per chunk for the gradient of the entries.
public struct EntropyGradientArguments: KernelArguments, @unchecked Sendable {
  /// Rows [N, d].
  public var z: FloatInput
  /// Packed entries.
  public var packed: FloatInput
  /// Mean assignment [K].
  public var average: FloatInput
  /// Log-sum-exp [N].
  public var lse: FloatInput
  /// Gradient of the loss, one element.
  public var gradient: FloatInput
  /// Result [N, d].
  public var dz: FloatOutput
  /// Sums [chunks, d + 1, padded K].
  public var sums: FloatOutput
  /// Rows N.
  public var rows: Int
  /// Entries K.
  public var size: Int
  /// Row length d.
  public var width: Int
  /// Temperature.
  public var temperature: Float

  /// Arguments for one call.
  public init(
    z: FloatInput, packed: FloatInput, average: FloatInput, lse: FloatInput, gradient: FloatInput, dz: FloatOutput,
    sums: FloatOutput, rows: Int, size: Int, width: Int, temperature: Float
  ) {
    self.z = z
    self.packed = packed
    self.average = average
    self.lse = lse
    self.gradient = gradient
    self.dz = dz
    self.sums = sums
    self.rows = rows
    self.size = size
    self.width = width
    self.temperature = temperature
  }

  /// Logits and coefficients of one row.
  public var scratchByteCount: Int { (2 * EntropyRowsArguments.padded(size) + 64) * 4 }
  /// Independent parts of the work.
  public var unitCount: Int { EntropyRowsArguments.chunks(rows: rows) }
}

/// Gradient of the entries from the sums per chunk.
public struct EntropyEntriesArguments: KernelArguments, @unchecked Sendable {
  /// Sums [chunks, d + 1, padded K].
  public var sums: FloatInput
  /// Entries [K, d].
  public var entries: FloatInput
  /// Result [K, d].
  public var de: FloatOutput
  /// Chunks.
  public var chunks: Int
  /// Entries K.
  public var size: Int
  /// Row length d.
  public var width: Int

  /// Arguments for one call.
  public init(sums: FloatInput, entries: FloatInput, de: FloatOutput, chunks: Int, size: Int, width: Int) {
    self.sums = sums
    self.entries = entries
    self.de = de
    self.chunks = chunks
    self.size = size
    self.width = width
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(size, 256) }
}
