import IR
import Ops

/// Parameterless maps of frozen networks and discriminators.
extension GraphContext {
  /// x right of zero, `slope` x left of it.
  public func leakyReLU(_ x: ValueID, slope: Float) -> ValueID {
    builder.add(builder.affine(x, scale: slope), builder.affine(builder.unary(.relu, x), scale: 1 - slope))
  }

  /// log(1 + exp(x)), without overflow.
  public func softplus(_ x: ValueID) -> ValueID {
    let decay = builder.unary(.exp, builder.unary(.negate, builder.unary(.absolute, x)))
    return builder.add(builder.unary(.relu, x), builder.unary(.log, builder.affine(decay, scale: 1, offset: 1)))
  }

  /// x sigmoid(1.702 x), the GELU of CLIP.
  public func quickGELU(_ x: ValueID) -> ValueID {
    builder.mul(x, builder.unary(.sigmoid, builder.affine(x, scale: 1.702)))
  }

  /// The largest of each 2 x 2 block of [B, H, W, C], H and W even. Of equal ones the first in row-major order gets the
  /// gradient.
  public func maxPool(_ x: ValueID) -> ValueID {
    let s = builder.shape(of: x)
    func larger(_ x: ValueID, _ shape: [Int]) -> ValueID {
      let pairs = builder.reshape(x, shape)
      return builder.binary(
        .maximum, builder.slice(pairs, axis: 1, 0, 1), builder.slice(pairs, axis: 1, 1, 2))
    }
    let columns = larger(x, [s[0] * s[1] * (s[2] / 2), 2, s[3]])
    let rows = larger(columns, [s[0] * (s[1] / 2), 2, s[2] / 2 * s[3]])
    return builder.reshape(rows, [s[0], s[1] / 2, s[2] / 2, s[3]])
  }

  /// (x - mean) / deviation by channel of [..., C].
  public func normalizeChannels(_ x: ValueID, mean: [Float], deviation: [Float]) -> ValueID {
    func channels(_ values: [Float]) -> ValueID {
      builder.concat(values.map { builder.emitOne(Constant($0, shape: [1])) }, axis: 0)
    }
    return builder.mul(builder.sub(x, channels(mean)), channels(deviation.map { 1 / $0 }))
  }
}
