import IR
import Ops
import Spec

/// Supervision of a sub-codebook by a frozen teacher's class feature (method section 2): a feature-prediction head on
/// the quantized grid and in-batch contrast between its prediction and the teacher.
public struct RepresentationHead {
  /// Width D of the teacher's feature and of the head.
  public var width: Int
  /// Transformer blocks.
  public var layers: Int
  /// Attention heads.
  public var heads: Int

  /// A head of the given sizes.
  public init(width: Int, layers: Int = 3, heads: Int = 8) {
    self.width = width
    self.layers = layers
    self.heads = heads
  }

  /// The prediction [B, D] of the teacher's class feature from quantized tokens [B, T, d]; parameters are named under
  /// `representation.<name>`.
  public func prediction(_ context: GraphContext, name: String, quantized: ValueID) -> ValueID {
    let builder = context.builder
    return builder.scoped("representation.\(name)") {
      let batch = builder.shape(of: quantized)[0]
      let up = context.linear("up.0", quantized, out: width)
      let tokens = context.linear("up.1", builder.unary(.relu, up), out: width)
      let classToken = builder.parameter(
        "class_token", [1, width], .normal(deviation: 1 / Float(width).squareRoot()))
      let first = builder.emitOne(Broadcast(at: 0, extents: [batch]), classToken)
      let h = context.visionTransformer(builder.concat([first, tokens], axis: 1), layers: layers, heads: heads)
      return builder.reshape(builder.slice(h, axis: 1, 0, 1), [batch, width])
    }
  }

  /// The unweighted loss for unit vectors u (prediction) and v (teacher), both [B, D], and temperature t.
  /// Contrast: -mean_n log(exp(u_n v_n / t) / sum_m exp(u_n v_m / t)). Cosine: mean_n (1 - u_n v_n).
  public static func loss(
    _ context: GraphContext, _ spec: RepresentationSpec, prediction: ValueID, teacher: ValueID
  ) -> ValueID {
    let builder = context.builder
    return builder.withScope("losses.representation") {
      let u = builder.emitOne(L2Normalize(), prediction)
      let v = builder.emitOne(L2Normalize(), teacher)
      let own = builder.emitOne(ReduceSum(start: 1, end: 2), builder.mul(u, v))
      switch spec.kind {
      case .cosine: return builder.affine(builder.mean(own), scale: -1, offset: 1)
      case .contrast:
        // Cosines lie in [-1, 1] and so, shifted by the largest possible one, the exponentials cannot overflow.
        let scale = Float(1 / spec.temperature)
        let similarities = builder.emitOne(MatMul(transposeB: true), u, v)
        let shifted = builder.unary(.exp, builder.affine(similarities, scale: scale, offset: -scale))
        let all = builder.unary(.log, builder.emitOne(ReduceSum(start: 1, end: 2), shifted))
        return builder.mean(builder.sub(all, builder.affine(own, scale: scale, offset: -scale)))
      }
    }
  }
}
