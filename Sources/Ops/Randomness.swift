// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Elements zeroed with probability `rate`, the rest scaled by 1 / (1 - rate). The mask is a function of the key
/// (seed, step), the stream and the element's position alone (Philox 4x32-10), so the gradient draws it again.
public struct Dropout: FacetOp {
  /// Share of elements dropped, in [0, 1).
  public var rate: Float
  /// Distinguishes this draw from all others of the program.
  public var stream: Int

  /// The op with the given attributes.
  public init(rate: Float, stream: Int) {
    self.rate = rate
    self.stream = stream
  }

  public static let mnemonics = ["dropout"]
  public static let summary = "Elements zeroed at random and the rest scaled up; counter-based."
  public static let example = """
    program @example(%x: f32[2,3], %key: i32[2]) -> (y: f32[2,3]) {
      %0 = dropout(%x, %key) {rate = 0.1, stream = 7} : f32[2,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    rate = try attributes.real("rate")
    stream = try attributes.int("stream")
  }
  public var mnemonic: String { "dropout" }
  public var inPlaceOperands: [Int] { [0] }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("rate", rate)
    attributes.put("stream", stream)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.dtype(operands, .f32, .i32)
    try ShapeRule.key(operands, 1)
    try ShapeRule.require(rate >= 0 && rate < 1, "rate must be in [0, 1)")
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    context.set(0, context.builder.emitOne(self, try context.incoming(), context.operands[1]))
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 25 * results[0].count }
  public var opCase: OpCase { .dropout(self) }
}

/// Class labels replaced with probability `rate` by the "no class" label (classifier-free guidance, method section 3).
public struct DropLabels: FacetOp {
  /// Share of labels replaced, in [0, 1].
  public var rate: Float
  /// What replaces them.
  public var replacement: Int
  /// Distinguishes this draw from all others of the program.
  public var stream: Int

  /// The op with the given attributes.
  public init(rate: Float, replacement: Int, stream: Int) {
    self.rate = rate
    self.replacement = replacement
    self.stream = stream
  }

  public static let mnemonics = ["drop_labels"]
  public static let summary = "Labels replaced at random by the no-class label; counter-based."
  public static let example = """
    program @example(%l: i32[4], %key: i32[2]) -> (y: i32[4]) {
      %0 = drop_labels(%l, %key) {rate = 0.1, replacement = 10, stream = 3} : i32[4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    rate = try attributes.real("rate")
    replacement = try attributes.int("replacement")
    stream = try attributes.int("stream")
  }
  public var mnemonic: String { "drop_labels" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("rate", rate)
    attributes.put("replacement", replacement)
    attributes.put("stream", stream)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.dtype(operands, .i32, .i32)
    try ShapeRule.key(operands, 1)
    try ShapeRule.require(rate >= 0 && rate <= 1, "rate must be in [0, 1]")
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public var opCase: OpCase { .dropLabels(self) }
}

/// One index per row of logits [B, K], drawn from the softmax after temperature, top-k and top-p. `settings` is
/// f32[3] = (temperature, top_k, top_p): temperature 0 takes the largest logit (ties to the lowest index), top_k 0 and
/// top_p 1 are off. The draw is a function of the key, the position and the stream.
public struct SampleToken: FacetOp {
  /// Distinguishes this draw from all others of the program.
  public var stream: Int

  /// The op of a stream.
  public init(stream: Int) { self.stream = stream }

  public static let mnemonics = ["sample_token"]
  public static let summary = "One index per row drawn after temperature, top-k and top-p; greedy at temperature 0."
  public static let example = """
    program @example(%x: f32[2,5], %settings: f32[3], %key: i32[2], %position: i32[]) -> (i: i32[2]) {
      %0 = sample_token(%x, %settings, %key, %position) {stream = 1} : i32[2]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    stream = try attributes.int("stream")
  }
  public var mnemonic: String { "sample_token" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("stream", stream) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 4)
    try ShapeRule.dtype(operands, .f32, .f32, .i32, .i32)
    try ShapeRule.rank(operands, 0, 2)
    try ShapeRule.shape(operands, 1, [3])
    try ShapeRule.key(operands, 2)
    try ShapeRule.shape(operands, 3, [])
    return [.i32(operands[0].shape[0])]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 20 * operands[0].count }
  public var opCase: OpCase { .sampleToken(self) }
}

/// Indices in 0..<bound, each drawn alike from the key, the stream and its own position: which rows of a batch replace
/// the unused entries of a codebook.
public struct RandomIndices: FacetOp {
  /// Number of indices.
  public var count: Int
  /// End of the range that they are drawn from.
  public var bound: Int
  /// Distinguishes this draw from all others of the program.
  public var stream: Int

  /// The op with the given attributes.
  public init(count: Int, bound: Int, stream: Int) {
    self.count = count
    self.bound = bound
    self.stream = stream
  }

  public static let mnemonics = ["random_indices"]
  public static let summary = "Indices drawn from 0..<bound; counter-based."
  public static let example = """
    program @example(%key: i32[2]) -> (i: i32[7]) {
      %0 = random_indices(%key) {count = 7, bound = 5, stream = 3} : i32[7]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    count = try attributes.int("count")
    bound = try attributes.int("bound")
    stream = try attributes.int("stream")
  }
  public var mnemonic: String { "random_indices" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("count", count)
    attributes.put("bound", bound)
    attributes.put("stream", stream)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 1)
    try ShapeRule.key(operands, 0)
    try ShapeRule.require(count > 0 && bound > 0, "count and bound must be positive")
    return [.i32(count)]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {}
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 25 * count }
  public var opCase: OpCase { .randomIndices(self) }
}
