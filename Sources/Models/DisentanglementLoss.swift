import IR
import Ops

/// The mean over all pairs of sub-codebooks of mean_n cos(zq_i,n , zq_j,n)^2 (method section 2). Gradients reach the
/// encoder through the straight-through path, the tables not.
public enum DisentanglementLoss {
  /// The unweighted loss of quantized vectors [N, d], equal d for all; nil for fewer than two sub-codebooks.
  public static func loss(_ context: GraphContext, _ quantized: [ValueID]) -> ValueID? {
    guard quantized.count > 1 else { return nil }
    let builder = context.builder
    return builder.withScope("losses.disentanglement") {
      let unit = quantized.map { builder.emitOne(L2Normalize(), $0) }
      var sum: ValueID?
      for i in unit.indices {
        for j in unit.indices where j > i {
          let cosine = builder.emitOne(ReduceSum(start: 1, end: 2), builder.mul(unit[i], unit[j]))
          let term = builder.mean(builder.unary(.square, cosine))
          sum = sum.map { builder.add($0, term) } ?? term
        }
      }
      let pairs = unit.count * (unit.count - 1) / 2
      return sum.map { builder.affine($0, scale: 1 / Float(pairs)) }
    }
  }
}
