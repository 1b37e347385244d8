// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Writes one position of a key or value cache [B, P, H, D] in place, from x [B, 1, H, D] at a position given at run time.
public struct CacheWrite: FacetOp {
  /// The op.
  public init() {}

  public static let mnemonics = ["cache_write"]
  public static let summary = "Writes one position of a key or value cache in place."
  public static let example = """
    state @cache : f32[1,4,2,4] = zeros
    program @example(%x: f32[1,1,2,4], %position: i32[]) -> () {
      cache_write(&@cache, %x, %position)
      return
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {}
  public var mnemonic: String { "cache_write" }
  public func write(to attributes: inout AttributeWriter) {}
  public var mutatedOperands: [Int] { [0] }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 3)
    try ShapeRule.dtype(operands, .f32, .f32, .i32)
    try ShapeRule.rank(operands, 0, 4)
    let cache = operands[0].shape
    try ShapeRule.shape(operands, 1, [cache[0], 1, cache[2], cache[3]])
    try ShapeRule.shape(operands, 2, [])
    return []
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 0 }
  public func cost(operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(flops: 0, bytes: 2 * operands[1].byteCount)
  }
  public var opCase: OpCase { .cacheWrite(self) }
}

/// Attention of one query position q [B, 1, H, D] over positions 0...position of a cache [B, P, H, D].
public struct CachedAttention: FacetOp {
  /// Factor of the logits.
  public var scale: Float

  /// The op with the given scale.
  public init(scale: Float) { self.scale = scale }

  public static let mnemonics = ["cached_attention"]
  public static let summary = "Attention of one query position over the filled part of a key/value cache."
  public static let example = """
    state @keys : f32[1,4,2,4] = zeros
    state @values : f32[1,4,2,4] = zeros
    program @example(%q: f32[1,1,2,4], %position: i32[]) -> (o: f32[1,1,2,4]) {
      %0 = cached_attention(%q, @keys, @values, %position) {scale = 0.5} : f32[1,1,2,4]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    scale = try attributes.real("scale")
  }
  public var mnemonic: String { "cached_attention" }
  public func write(to attributes: inout AttributeWriter) { attributes.put("scale", scale) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 4)
    try ShapeRule.dtype(operands, .f32, .f32, .f32, .i32)
    for index in 0..<3 { try ShapeRule.rank(operands, index, 4) }
    let cache = operands[1].shape
    try ShapeRule.shape(operands, 0, [cache[0], 1, cache[2], cache[3]])
    try ShapeRule.shape(operands, 2, cache)
    try ShapeRule.shape(operands, 3, [])
    return [operands[0]]
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int { 4 * operands[1].count }
  public var opCase: OpCase { .cachedAttention(self) }
}
