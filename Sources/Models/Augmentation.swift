import IR
import Ops
import Spec

/// What is done to images before a discriminator sees them (DiffAugment, Zhao et al. 2020). All of it is differentiable
/// with respect to the images, any number of times. A draw is a function of the random key, of which images are
/// augmented and of their place in the batch, so the decoder's and the discriminator's half of a step augment a
/// reconstruction alike.
struct Augmentation {
  /// Which images are augmented.
  enum Side: Int {
    /// Images of the data.
    case real
    /// Reconstructions.
    case fake
  }

  let spec: AugmentationSpec
  let side: Side

  /// Numbers of draws that no context hands out.
  private static let firstStream = 1 << 20
  private func stream(_ draw: Int) -> Int { Self.firstStream + 8 * side.rawValue + draw }

  /// Images [B, H, W, 3] augmented; `first` is the place of the first of them in the batch.
  func apply(_ builder: ProgramBuilder, _ images: ValueID, key: ValueID, first: Int = 0) -> ValueID {
    builder.withScope("losses.augmentation") {
      let colored = spec.color > 0 ? color(builder, images, key, first) : images
      let side = builder.shape(of: images)[1]
      let op = DisplaceImages(
        shift: spec.shift(of: side), hole: spec.hole(of: side), first: first, stream: stream(3))
      return op.shift > 0 || op.hole > 0 ? builder.emitOne(op, colored, key) : colored
    }
  }

  /// Brightness: x + c (u - 1/2). Saturation: the difference to the mean of the channels, times 1 + c (2u - 1).
  /// Contrast: the difference to the mean of the image, times 1 + c (u - 1/2).
  private func color(_ builder: ProgramBuilder, _ images: ValueID, _ key: ValueID, _ first: Int) -> ValueID {
    let shape = builder.shape(of: images)
    let strength = Float(spec.color)
    func perImage(_ value: ValueID) -> ValueID {
      builder.emitOne(Broadcast(at: 1, extents: Array(shape[1...])), value)
    }
    /// scale (u - 1/2) + offset, one number per image, repeated over its elements.
    func drawn(_ draw: Int, scale: Float, offset: Float) -> ValueID {
      let numbers = builder.emitOne(RandomUniform(count: shape[0], first: first, stream: stream(draw)), key)
      return perImage(builder.affine(numbers, scale: scale, offset: offset - scale / 2))
    }
    func away(_ x: ValueID, from mean: ValueID, by factor: ValueID) -> ValueID {
      builder.add(builder.mul(builder.sub(x, mean), factor), mean)
    }
    var x = builder.add(images, drawn(0, scale: strength, offset: 0))
    let gray = builder.affine(builder.emitOne(ReduceSum(start: 3, end: 4), x), scale: 1 / Float(shape[3]))
    x = away(
      x, from: builder.emitOne(Broadcast(at: 3, extents: [shape[3]]), gray),
      by: drawn(1, scale: 2 * strength, offset: 1))
    let count = shape[1...].reduce(1, *)
    let mean = builder.affine(builder.emitOne(ReduceSum(start: 1, end: 4), x), scale: 1 / Float(count))
    return away(x, from: perImage(mean), by: drawn(2, scale: strength, offset: 1))
  }
}
