import IR
import Ops

/// Pre-norm transformer blocks with biases, as in the adapters and the feature-prediction heads (method section 1).
extension GraphContext {
  /// LayerNorm, multi-head attention, residual; LayerNorm, 4x GELU MLP, residual. x is [B, T, D].
  public func visionBlock(_ name: String, _ x: ValueID, heads: Int) -> ValueID {
    builder.scoped(name) {
      let shape = builder.shape(of: x)
      let width = shape[2]
      let h = builder.add(x, builder.scoped("attention") { visionAttention(layerNorm("norm", x), heads: heads) })
      return builder.scoped("mlp") {
        let up = builder.unary(.gelu, linear("up", layerNorm("norm", h), out: 4 * width))
        return builder.add(h, linear("down", up, out: width))
      }
    }
  }

  private func visionAttention(_ x: ValueID, heads: Int) -> ValueID {
    let width = builder.type(of: x).lastExtent
    // Xavier uniform over the joint projection, as the reference's attention layer starts.
    let bound = (6 / Float(4 * width)).squareRoot()
    let joint = linear("qkv", x, out: 3 * width, weights: .uniform(bound: bound), biases: .zeros)
    return linear("out", selfAttention(joint, heads: heads), out: width, biases: .zeros)
  }

  /// Learned positions, LayerNorm, blocks, LayerNorm over tokens [B, T, D].
  public func visionTransformer(_ tokens: ValueID, layers: Int, heads: Int) -> ValueID {
    let shape = builder.shape(of: tokens)
    let position = builder.parameter(
      "position", [shape[1], shape[2]], .normal(deviation: 1 / Float(shape[2]).squareRoot()))
    var h = layerNorm("norm_in", builder.add(tokens, position))
    for layer in 0..<layers { h = visionBlock("block.\(layer)", h, heads: heads) }
    return layerNorm("norm_out", h)
  }
}
