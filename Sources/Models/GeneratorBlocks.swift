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

  /// How queries meet keys and values, which differs between training, cached decoding and the head.
  typealias Attend = (_ q: ValueID, _ k: ValueID, _ v: ValueID) -> ValueID

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
    let joint = context.linear("qkv", x, out: 3 * width, bias: false, weights: Self.weights)
    let parts = (0..<3).map { index in
      builder.reshape(
        builder.slice(joint, axis: 2, index * width, (index + 1) * width), [shape[0], shape[1], heads, depth])
    }
    func turned(_ part: ValueID) -> ValueID {
      builder.emit(Rotary(), [part, table] + (position.map { [$0] } ?? []))[0]
    }
    let attended = attend(turned(parts[0]), turned(parts[1]), parts[2])
    return context.linear("out", builder.reshape(attended, shape), out: width, bias: false, weights: Self.weights)
  }

  private func feedForward(_ context: GraphContext, _ x: ValueID) -> ValueID {
    let builder = context.builder
    let gate = builder.unary(.silu, context.linear("gate", x, out: hidden, bias: false, weights: Self.weights))
    let up = context.linear("up", x, out: hidden, bias: false, weights: Self.weights)
    return context.linear("down", builder.mul(gate, up), out: width, bias: false, weights: Self.weights)
  }
}
