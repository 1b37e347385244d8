// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// The Adam updates of many parameters, and of their moving averages, as one operation. Operands: the parameters, first
/// moments, second moments, averages (if `average` is not 0) and gradients, all in one order, then the rate, the gradient
/// scale and the steps done. With `clip` > 0 the gradient scale is not given but follows from the global gradient norm
/// that stands in its place: min(1, clip / (norm + 1e-6)).
public struct AdamGroup: FacetOp {
  /// The update of one parameter; its weight decay applies where `decays` says so.
  public var adam: Adam
  /// By parameter: 1 where the weight decay applies, 0 where it does not.
  public var decays: [Int]
  /// Weight of the past of the moving averages; 0 where there are none.
  public var average: Float
  /// Largest gradient norm; 0 where the gradient scale is given.
  public var clip: Float

  /// The op with the given attributes.
  public init(adam: Adam, decays: [Int], average: Float = 0, clip: Float = 0) {
    self.adam = adam
    self.decays = decays
    self.average = average
    self.clip = clip
  }

  public static let mnemonics = ["adam_group"]
  public static let summary = "Adam updates of many parameters and of their moving averages, clipping included."
  public static let example = """
    parameter @w : f32[4] = zeros
    parameter @b : f32[2] = zeros
    state @w.m : f32[4] = zeros
    state @b.m : f32[2] = zeros
    state @w.v : f32[4] = zeros
    state @b.v : f32[2] = zeros
    state @step : i32[] = zeros
    program @example(%gw: f32[4], %gb: f32[2], %rate: f32[], %norm: f32[]) -> () {
      adam_group(&@w, &@b, &@w.m, &@b.m, &@w.v, &@b.v, %gw, %gb, %rate, %norm, @step) {beta1 = 0.9, beta2 = 0.95, epsilon = 1e-08, weight_decay = 0.05, decays = [1, 0], average = 0.0, clip = 1.0}
      return
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    adam = try Adam(mnemonic: "adam", attributes: &attributes)
    decays = try attributes.ints("decays")
    average = try attributes.real("average")
    clip = try attributes.real("clip")
  }
  public var mnemonic: String { "adam_group" }
  public func write(to attributes: inout AttributeWriter) {
    adam.write(to: &attributes)
    attributes.put("decays", decays)
    attributes.put("average", average)
    attributes.put("clip", clip)
  }

  /// The update of the parameter at an index.
  public func update(of index: Int) -> Adam {
    var update = adam
    if decays[index] == 0 { update.weightDecay = 0 }
    return update
  }

  /// Number of parameters.
  public var count: Int { decays.count }
  /// Lists of operands that are updated: parameters, two moments, and averages where there are any.
  public var updatedLists: Int { average == 0 ? 3 : 4 }
  public var mutatedOperands: [Int] { Array(0..<updatedLists * count) }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    let lists = updatedLists + 1
    try ShapeRule.require(count > 0, "updates one parameter or more")
    try ShapeRule.operands(operands, lists * count + 3)
    for index in 0..<lists * count {
      try ShapeRule.require(
        operands[index].dtype == .f32 && operands[index].shape == operands[index % count].shape,
        "operand \(index) must be f32 and have shape \(operands[index % count].shape), it is \(operands[index])")
    }
    for index in 0..<3 { try ShapeRule.shape(operands, lists * count + index, []) }
    try ShapeRule.require(operands[lists * count + 2].dtype == .i32, "the step must be i32[]")
    return []
  }
  public func gradient(_ context: GradientContext) throws(OpError) { throw OpError("\(mnemonic) has no gradient rule") }
  private func elements(_ operands: [TensorType]) -> Int { operands.prefix(count).reduce(0) { $0 + $1.count } }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (average == 0 ? 14 : 17) * elements(operands)
  }
  public func cost(operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(
      flops: flops(operands: operands, results: results), bytes: 4 * (average == 0 ? 7 : 9) * elements(operands))
  }
  public var opCase: OpCase { .adamGroup(self) }
}
