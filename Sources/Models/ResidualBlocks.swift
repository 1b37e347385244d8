import IR
import Ops

/// The blocks of the convolutional encoder and decoder (method section 1).
extension GraphContext {
  /// GroupNorm, SiLU, conv3x3, GroupNorm, SiLU, dropout, conv3x3, plus the input (through a 1x1 where channels change).
  public func residualBlock(_ name: String, _ x: ValueID, out: Int, groups: Int, dropout rate: Float) -> ValueID {
    builder.scoped(name) {
      var h = builder.unary(.silu, groupNorm("norm1", x, groups: groups))
      h = convolution("conv1", h, out: out)
      h = builder.unary(.silu, groupNorm("norm2", h, groups: groups))
      h = convolution("conv2", dropout(h, rate: rate), out: out)
      let shortcut = builder.type(of: x).lastExtent == out ? x : linear("shortcut", x, out: out)
      return builder.add(shortcut, h)
    }
  }

  /// Single-head attention over all pixels of x [B, H, W, C], residual.
  public func spatialAttention(_ name: String, _ x: ValueID, groups: Int) -> ValueID {
    builder.scoped(name) {
      let channels = builder.type(of: x).lastExtent
      let joint = linears(["q", "k", "v"], groupNorm("norm", x, groups: groups), out: channels)
      return builder.add(x, linear("out", selfAttention(joint, heads: 1), out: channels))
    }
  }

  /// Residual block, attention, residual block at the lowest resolution.
  public func middle(_ x: ValueID, groups: Int, dropout rate: Float) -> ValueID {
    builder.scoped("middle") {
      let channels = builder.type(of: x).lastExtent
      var h = residualBlock("0", x, out: channels, groups: groups, dropout: rate)
      h = spatialAttention("1", h, groups: groups)
      return residualBlock("2", h, out: channels, groups: groups, dropout: rate)
    }
  }
}
