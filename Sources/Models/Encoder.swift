import IR
import Ops
import Spec

/// The encoder: a shared convolutional trunk and one adapter head per sub-codebook (method section 1).
public struct Encoder {
  let spec: ModelSpec

  /// The encoder of a spec.
  public init(_ spec: ModelSpec) { self.spec = spec }

  /// Feature maps of the heads before projection, [B, h, w, latent_channels] each, from an image [B, H, W, 3] in [-1, 1]:
  /// one per sub-codebook, or one for all under residual quantization.
  public func features(_ context: GraphContext, image: ValueID) -> [ValueID] {
    context.builder.scoped("encoder") {
      let shared = trunk(context, image)
      return spec.tokenizer.latents.map { head(context, shared, $0.name) }
    }
  }

  /// Unnormalised latent vectors [B, h, w, d_i], one per feature map.
  public func latents(_ context: GraphContext, features: [ValueID]) -> [ValueID] {
    context.builder.scoped("encoder") {
      zip(features, spec.tokenizer.latents).map { feature, latent in
        context.builder.scoped("head.\(latent.name)") { context.linear("project", feature, out: latent.dim) }
      }
    }
  }

  private func trunk(_ context: GraphContext, _ image: ValueID) -> ValueID {
    let sizes = spec.tokenizer.encoder
    let (groups, rate) = (sizes.normGroups, Float(sizes.dropout))
    var h = context.convolution("conv_in", image, out: sizes.channels)
    for (level, multiplier) in sizes.multipliers.enumerated() {
      let last = level == sizes.multipliers.count - 1
      h = context.builder.scoped("level.\(level)") {
        var h = h
        for block in 0..<sizes.residualBlocks {
          h = context.residualBlock(
            "block.\(block)", h, out: sizes.channels * multiplier, groups: groups, dropout: rate)
          if last { h = context.spatialAttention("attention.\(block)", h, groups: groups) }
        }
        if last { return h }
        // The reference pads one row and column of zeros at the bottom and right only.
        return context.convolution(
          "downsample", h, out: sizes.channels * multiplier, stride: 2,
          padding: Padding(top: 0, left: 0, bottom: 1, right: 1))
      }
    }
    return context.middle(h, groups: groups, dropout: rate)
  }

  private func head(_ context: GraphContext, _ shared: ValueID, _ name: String) -> ValueID {
    let builder = context.builder
    let shape = builder.shape(of: shared)
    let adapted = builder.scoped("adapter.\(name)") {
      let tokens = builder.reshape(shared, [shape[0], shape[1] * shape[2], shape[3]])
      let sizes = spec.tokenizer.adapter
      return builder.reshape(context.visionTransformer(tokens, layers: sizes.layers, heads: sizes.heads), shape)
    }
    return builder.scoped("head.\(name)") {
      let normed = context.groupNorm("norm", adapted, groups: spec.tokenizer.encoder.normGroups)
      return context.convolution("conv", builder.unary(.silu, normed), out: spec.tokenizer.encoder.latentChannels)
    }
  }
}
