import IR
import Ops
import Spec

/// The discriminator: a map of logits per image, large for real ones (method section 2). Parameters are named under
/// `discriminator`.
public struct Discriminator {
  /// Its sizes.
  public let spec: DiscriminatorSpec
  /// How batch normalisation takes its statistics.
  public var statistics = BatchStatistics.batch
  /// Whether the running statistics move.
  public var keepsStatistics = false

  /// Slope of the leaky rectifiers left of zero.
  static let slope: Float = 0.2
  /// Fresh convolution weights.
  static let weights = Initializer.normal(deviation: 0.02)

  /// The discriminator of a spec.
  public init(_ spec: DiscriminatorSpec) { self.spec = spec }

  /// Logits [B, h, w, 1] (patchgan) or [B, 1] (residual) of images [B, H, W, 3].
  public func logits(_ context: GraphContext, _ image: ValueID) -> ValueID {
    context.builder.withScope("discriminator") {
      switch spec.kind {
      case .patchgan: patches(context, image)
      case .residual: residual(context, image)
      }
    }
  }

  private func width(_ layer: Int) -> Int { spec.channels * min(1 << layer, 8) }

  /// conv4x4 s2, then `layers` times conv4x4 (s2, the last s1) with batch normalisation, then conv4x4 s1 to one channel;
  /// leaky rectifiers between, padding 1 everywhere.
  private func patches(_ context: GraphContext, _ image: ValueID) -> ValueID {
    func convolution(_ name: String, _ x: ValueID, _ out: Int, stride: Int, bias: Bool) -> ValueID {
      context.convolution(name, x, out: out, kernel: 4, stride: stride, bias: bias, weights: Self.weights)
    }
    var h = convolution("conv.0", image, width(0), stride: 2, bias: true)
    h = context.leakyReLU(h, slope: Self.slope)
    for layer in 1...spec.layers {
      h = convolution("conv.\(layer)", h, width(layer), stride: layer < spec.layers ? 2 : 1, bias: false)
      h = context.batchNorm("norm.\(layer)", h, statistics: statistics, keepsStatistics: keepsStatistics)
      h = context.leakyReLU(h, slope: Self.slope)
    }
    return convolution("conv.\(spec.layers + 1)", h, 1, stride: 1, bias: true)
  }

  /// conv3x3, `layers` residual blocks that each halve the image, conv3x3, two linear layers.
  private func residual(_ context: GraphContext, _ image: ValueID) -> ValueID {
    let builder = context.builder
    var h = context.leakyReLU(context.convolution("conv_in", image, out: width(0)), slope: Self.slope)
    for layer in 1...spec.layers { h = block(context, "block.\(layer)", h, out: width(layer)) }
    h = context.leakyReLU(context.convolution("conv_out", h, out: width(spec.layers)), slope: Self.slope)
    let batch = builder.shape(of: h)[0]
    h = builder.reshape(h, [batch, builder.type(of: h).count / batch])
    h = context.leakyReLU(context.linear("linear", h, out: width(spec.layers)), slope: Self.slope)
    return context.linear("logit", h, out: 1)
  }

  /// Two conv3x3, blur, conv3x3 s2, beside a conv1x1 s2; their sum over the root of two.
  private func block(_ context: GraphContext, _ name: String, _ x: ValueID, out: Int) -> ValueID {
    let builder = context.builder
    return builder.scoped(name) {
      let none = Padding(all: 0)
      let shortcut = context.convolution("shortcut", x, out: out, kernel: 1, stride: 2, padding: none)
      var h = context.leakyReLU(context.convolution("conv1", x, out: out), slope: Self.slope)
      h = context.leakyReLU(context.convolution("conv2", h, out: out), slope: Self.slope)
      h = context.convolution("down", blur(builder, h), out: out, stride: 2)
      return builder.affine(builder.add(h, shortcut), scale: Float(0.5).squareRoot())
    }
  }

  /// The mean with weights (1, 2, 1) / 4 along rows and columns, edges reflected.
  private func blur(_ builder: ProgramBuilder, _ x: ValueID) -> ValueID {
    var h = x
    for axis in 1...2 {
      let extent = builder.shape(of: h)[axis]
      let (first, last) = (builder.slice(h, axis: axis, 1, 2), builder.slice(h, axis: axis, extent - 2, extent - 1))
      let before = builder.concat([first, builder.slice(h, axis: axis, 0, extent - 1)], axis: axis)
      let after = builder.concat([builder.slice(h, axis: axis, 1, extent), last], axis: axis)
      h = builder.add(builder.affine(h, scale: 0.5), builder.affine(builder.add(before, after), scale: 0.25))
    }
    return h
  }
}
