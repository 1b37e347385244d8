import IR
import Ops
import Spec

/// The decoder from quantized grids to an image (method section 1).
public struct Decoder {
  let spec: ModelSpec

  /// The decoder of a spec.
  public init(_ spec: ModelSpec) { self.spec = spec }

  /// The image [B, H, W, 3], nominally in [-1, 1] and not clamped, from one grid [B, h, w, d_i] per sub-codebook.
  public func image(_ context: GraphContext, quantized: [ValueID]) -> ValueID {
    let builder = context.builder
    let sizes = spec.tokenizer.encoder
    let (groups, rate) = (sizes.normGroups, Float(sizes.dropout))
    return builder.scoped("decoder") {
      var h = context.linear("project", builder.concat(quantized, axis: 3), out: sizes.latentChannels)
      h = context.convolution("conv_in", h, out: sizes.channels * (sizes.multipliers.last ?? 1))
      h = context.middle(h, groups: groups, dropout: rate)
      for (level, multiplier) in sizes.multipliers.enumerated().reversed() {
        let lowest = level == sizes.multipliers.count - 1
        h = builder.scoped("level.\(level)") {
          var h = h
          for block in 0...sizes.residualBlocks {
            h = context.residualBlock(
              "block.\(block)", h, out: sizes.channels * multiplier, groups: groups, dropout: rate)
            if lowest { h = context.spatialAttention("attention.\(block)", h, groups: groups) }
          }
          if level == 0 { return h }
          return context.convolution("upsample", builder.emitOne(Upsample(), h), out: sizes.channels * multiplier)
        }
      }
      return context.convolution(
        "conv_out", builder.unary(.silu, context.groupNorm("norm_out", h, groups: groups)), out: 3)
    }
  }
}
