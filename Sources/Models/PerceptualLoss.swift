import IR
import Ops

/// LPIPS over VGG16 (Zhang et al. 2018; method section 2). The network is frozen: its weights are constants under
/// `perceptual`, read from a file; gradients flow to the images only. There is no dropout.
public enum PerceptualLoss {
  /// Channels of the convolutions of each stage; a stage ends with the features that are compared, and between stages
  /// pixels are pooled 2 x 2.
  public static let stages = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]

  /// The unweighted distance of two batches of images [B, H, W, 3] in [-1, 1], mean over the batch.
  public static func loss(_ context: GraphContext, _ first: ValueID, _ second: ValueID) -> ValueID {
    let builder = context.builder
    return builder.withScope("perceptual") {
      let (a, b) = (features(context, first), features(context, second))
      var sum: ValueID?
      for (stage, (u, v)) in zip(a, b).enumerated() {
        let channels = builder.type(of: u).lastExtent
        let pixels = builder.type(of: u).count / channels
        let difference = builder.sub(
          builder.emitOne(L2Normalize(epsilon: 1e-10), u), builder.emitOne(L2Normalize(epsilon: 1e-10), v))
        // The 1x1 convolution to one channel is linear, so the mean over pixels may come first.
        let means = builder.emitOne(ReduceSum(start: 0, end: 3), builder.unary(.square, difference))
        let weights = context.frozen("lin.\(stage)", [channels])
        let distance = builder.affine(
          builder.emitOne(ReduceSum(start: 0, end: 1), builder.mul(means, weights)), scale: 1 / Float(pixels))
        sum = sum.map { builder.add($0, distance) } ?? distance
      }
      return sum ?? builder.scalar(0)
    }
  }

  /// Features after relu1_2, relu2_2, relu3_3, relu4_3, relu5_3.
  private static func features(_ context: GraphContext, _ image: ValueID) -> [ValueID] {
    let builder = context.builder
    // (x + (.030, .088, .188)) / (.458, .448, .450), the constants of LPIPS.
    var h = context.normalizeChannels(image, mean: [-0.030, -0.088, -0.188], deviation: [0.458, 0.448, 0.450])
    var result: [ValueID] = []
    var layer = 0
    for (stage, widths) in stages.enumerated() {
      if stage > 0 { h = context.maxPool(h) }
      for width in widths {
        let input = builder.type(of: h).lastExtent
        let weight = context.frozen("conv.\(layer).weight", [width, 3, 3, input])
        let bias = context.frozen("conv.\(layer).bias", [width])
        h = builder.unary(.relu, builder.emitOne(Conv2D(padding: Padding(all: 1)), h, weight, bias))
        layer += 1
      }
      result.append(h)
    }
    return result
  }
}
