import IR
import Ops

/// Attention among the tokens of one tensor, with queries, keys and values from one product.
extension GraphContext {
  /// Linear maps of the last dimension to `out` each, side by side as [..., names.count * out]. Every map has a weight and
  /// a bias of its own name; they are joined so that one product reads x.
  func linears(_ names: [String], _ x: ValueID, out: Int) -> ValueID {
    let input = builder.type(of: x).lastExtent
    let bound = 1 / Float(input).squareRoot()
    let parameters = names.map { name in
      builder.scoped(name) {
        (
          builder.parameter("weight", [out, input], .uniform(bound: bound)),
          builder.parameter("bias", [out], .uniform(bound: bound))
        )
      }
    }
    return builder.linear(
      x, builder.concat(parameters.map(\.0), axis: 0), builder.concat(parameters.map(\.1), axis: 0))
  }

  /// [B, ..., W], where all B-th tokens attend to each other, from their joint queries, keys and values [B, ..., 3 W].
  func selfAttention(_ joint: ValueID, heads: Int) -> ValueID {
    var shape = builder.shape(of: joint)
    let width = shape.removeLast() / 3
    let (tokens, depth) = (shape.dropFirst().reduce(1, *), width / heads)
    let op = Attention(scale: 1 / Float(depth).squareRoot(), causal: false)
    let attended = builder.emit(op, [builder.reshape(joint, [shape[0], tokens, 3, heads, depth])])[0]
    return builder.reshape(attended, shape + [width])
  }
}
