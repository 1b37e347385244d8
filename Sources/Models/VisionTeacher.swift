import IR
import Ops
import Spec

/// A frozen vision transformer whose class feature supervises a codebook (method section 2). Its weights are constants
/// named under `teacher.<name>`.
public struct VisionTeacher {
  /// What the weights' shapes say.
  public struct Sizes: Sendable, Equatable {
    /// Width of tokens and of the feature.
    public var width: Int
    /// Pixels per side of a patch.
    public var patch: Int
    /// Transformer blocks.
    public var layers: Int
    /// Hidden width of the MLPs.
    public var hidden: Int

    /// Sizes of a network.
    public init(width: Int, patch: Int, layers: Int, hidden: Int) {
      self.width = width
      self.patch = patch
      self.layers = layers
      self.hidden = hidden
    }

    /// Attention heads: 64 channels each, as in every published size of both families.
    public var heads: Int { max(1, width / 64) }
  }

  /// Its place in the spec.
  public let spec: TeacherSpec
  /// Its sizes.
  public let sizes: Sizes

  /// A teacher of given sizes.
  public init(_ spec: TeacherSpec, sizes: Sizes) {
    self.spec = spec
    self.sizes = sizes
  }

  /// Patches per side of the images that it looks at.
  public var grid: Int { spec.size / sizes.patch }

  /// Channel statistics of the images that the family was trained on, for pixels in [0, 1].
  private var statistics: (mean: [Float], deviation: [Float]) {
    switch spec.kind {
    case .clipViT: ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
    case .dinov2: ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    }
  }

  /// Epsilon of the layer norms.
  private var epsilon: Float { spec.kind == .clipViT ? 1e-5 : 1e-6 }

  /// `teacher.<name>`: image [B, H, W, 3] in [-1, 1] -> feature [B, D].
  public func program(batch: Int, imageSize: Int) -> Program {
    let builder = ProgramBuilder(name: "teacher.\(spec.name)")
    let image = builder.input("image", .f32(batch, imageSize, imageSize, 3))
    builder.output("feature", feature(GraphContext(builder: builder), image: image))
    return builder.program
  }

  /// The class feature [B, D]: the class token after the last block, which DINOv2 normalises and CLIP does not.
  public func feature(_ context: GraphContext, image: ValueID) -> ValueID {
    let builder = context.builder
    return builder.withScope("teacher.\(spec.name)") {
      let batch = builder.shape(of: image)[0]
      let width = sizes.width
      var h = builder.affine(image, scale: 0.5, offset: 0.5)
      if builder.shape(of: h)[1] != spec.size || builder.shape(of: h)[2] != spec.size {
        h = builder.emitOne(ResizeNearest(height: spec.size, width: spec.size), h)
      }
      h = context.normalizeChannels(h, mean: statistics.mean, deviation: statistics.deviation)
      let patches = builder.scoped("patch") {
        builder.emitOne(
          Conv2D(stride: sizes.patch, padding: Padding(all: 0)), h,
          context.frozen("weight", [width, sizes.patch, sizes.patch, 3]), context.frozen("bias", [width]))
      }
      let tokens = builder.reshape(patches, [batch, grid * grid, width])
      let classToken = builder.emitOne(
        Broadcast(at: 0, extents: [batch]), context.frozen("class_token", [1, width]))
      h = builder.concat([classToken, tokens], axis: 1)
      h = builder.add(h, context.frozen("position", [1 + grid * grid, width]))
      if spec.kind == .clipViT { h = norm(context, "norm_in", h) }
      for layer in 0..<sizes.layers { h = block(context, "block.\(layer)", h) }
      h = builder.reshape(builder.slice(h, axis: 1, 0, 1), [batch, width])
      return spec.kind == .dinov2 ? norm(context, "norm_out", h) : h
    }
  }

  private func norm(_ context: GraphContext, _ name: String, _ x: ValueID) -> ValueID {
    context.builder.scoped(name) {
      let (weight, bias) = (context.frozen("weight", [sizes.width]), context.frozen("bias", [sizes.width]))
      return context.builder.emit(LayerNorm(epsilon: epsilon), [x, weight, bias])[0]
    }
  }

  private func linear(_ context: GraphContext, _ name: String, _ x: ValueID, out: Int) -> ValueID {
    let input = context.builder.type(of: x).lastExtent
    return context.builder.scoped(name) {
      context.builder.linear(x, context.frozen("weight", [out, input]), context.frozen("bias", [out]))
    }
  }

  /// Pre-norm attention and MLP, each with a learned scale of its branch in DINOv2.
  private func block(_ context: GraphContext, _ name: String, _ x: ValueID) -> ValueID {
    let builder = context.builder
    func scaled(_ name: String, _ branch: ValueID) -> ValueID {
      spec.kind == .dinov2 ? builder.mul(branch, context.frozen(name, [sizes.width])) : branch
    }
    return builder.scoped(name) {
      let width = sizes.width
      let joint = linear(context, "qkv", norm(context, "norm1", x), out: 3 * width)
      let attended = context.selfAttention(joint, heads: sizes.heads)
      let h = builder.add(x, scaled("scale1", linear(context, "out", attended, out: width)))
      let up = linear(context, "up", norm(context, "norm2", h), out: sizes.hidden)
      let active = spec.nonlinearity == .quickGELU ? context.quickGELU(up) : builder.unary(.gelu, up)
      return builder.add(h, scaled("scale2", linear(context, "down", active, out: width)))
    }
  }
}
