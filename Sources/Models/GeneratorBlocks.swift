import IR
import Ops

/// The LlamaGen-style block of the generator (method section 3): RMSNorm, rotary attention, SwiGLU, no biases.
struct GeneratorBlock {
  var width: Int
  var heads: Int
  var dropout: Float

  /// Hidden width of the SwiGLU: 2/3 * 4D rounded up to a multiple of 256.
  var hidden: Int { (8 * width / 3 + 255) / 256 * 256 }
  var depth: Int { width / heads }
  static let weights = Initializer.normal(deviation: 0.02)

  /// How queries meet keys and values, joint as [B, T, 3, H, D], which differs between training, cached decoding and the
  /// head; the result is [B, T, H, D].
  typealias Attend = (_ joint: ValueID) -> ValueID

  /// x [B, T, D] through one block; `table` and `position` say which rotary rows apply.
  func callAsFunction(
    _ context: GraphContext, _ name: String, _ x: ValueID, table: ValueID, position: ValueID? = nil, attend: Attend
  ) -> ValueID {
    let builder = context.builder
    return builder.scoped(name) {
      let h = builder.scoped("attention") {
        let attended = attention(context, context.rmsNorm("norm", x), table, position, attend)
        return builder.add(x, context.dropout(attended, rate: dropout))
      }
      return builder.scoped("mlp") {
        builder.add(h, context.dropout(feedForward(context, context.rmsNorm("norm", h)), rate: dropout))
      }
    }
  }

  private func attention(
    _ context: GraphContext, _ x: ValueID, _ table: ValueID, _ position: ValueID?, _ attend: Attend
  ) -> ValueID {
    let builder = context.builder
    let shape = builder.shape(of: x)
    let joint = builder.reshape(
      context.linear("qkv", x, out: 3 * width, bias: false, weights: Self.weights),
      [shape[0], shape[1], 3, heads, depth])
    let attended = attend(builder.emit(Rotary(), [joint, table] + (position.map { [$0] } ?? []))[0])
    return context.linear("out", builder.reshape(attended, shape), out: width, bias: false, weights: Self.weights)
  }

  /// q, k and v [B, T, H, D] of joint ones.
  func parts(_ builder: ProgramBuilder, _ joint: ValueID) -> (q: ValueID, k: ValueID, v: ValueID) {
    let shape = builder.shape(of: joint)
    func part(_ index: Int) -> ValueID {
      builder.reshape(builder.slice(joint, axis: 2, index, index + 1), [shape[0], shape[1], heads, depth])
    }
    return (part(0), part(1), part(2))
  }

  private func feedForward(_ context: GraphContext, _ x: ValueID) -> ValueID {
    let builder = context.builder
    let gate = builder.unary(.silu, context.linear("gate", x, out: hidden, bias: false, weights: Self.weights))
    let up = context.linear("up", x, out: hidden, bias: false, weights: Self.weights)
    return context.linear("down", builder.mul(gate, up), out: width, bias: false, weights: Self.weights)
  }
}
