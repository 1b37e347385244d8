import KernelInterface

extension Reference {
  /// Calls `body` with the indices of dy, x and w that meet in a convolution.
  private static func forTaps(_ p: ConvolutionPlan, _ body: (_ y: Int, _ x: Int, _ w: Int) -> Void) {
    let scale = p.upsamples ? 2 : 1
    for image in 0..<p.batch {
      for row in 0..<p.outputHeight {
        for column in 0..<p.outputWidth {
          let y = ((image * p.outputHeight + row) * p.outputWidth + column) * p.outputChannels
          for ky in 0..<p.kernelHeight {
            for kx in 0..<p.kernelWidth {
              let (h, v) = (row * p.stride + ky - p.top, column * p.stride + kx - p.left)
              guard h >= 0, h < p.height, v >= 0, v < p.width else { continue }
              let x = ((image * p.height + h) / scale * p.width + v) / scale * p.inputChannels
              for co in 0..<p.outputChannels {
                let w = ((co * p.kernelHeight + ky) * p.kernelWidth + kx) * p.inputChannels
                for ci in 0..<p.inputChannels { body(y + co, x + ci, w + ci) }
              }
            }
          }
        }
      }
    }
  }

  /// Convolution of x [B, H, W, Cin] with w [Cout, kh, kw, Cin].
  public static func convolution(_ p: ConvolutionPlan, x: [Double], w: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: p.batch * p.outputHeight * p.outputWidth * p.outputChannels)
    forTaps(p) { y[$0] += x[$1] * w[$2] }
    return y
  }

  /// The gradient with respect to x.
  public static func convolutionInputGradient(_ p: ConvolutionPlan, dy: [Double], w: [Double]) -> [Double] {
    let pixels = p.batch * p.height * p.width / (p.upsamples ? 4 : 1)
    var dx = [Double](repeating: 0, count: pixels * p.inputChannels)
    forTaps(p) { dx[$1] += dy[$0] * w[$2] }
    return dx
  }

  /// The gradient with respect to w.
  public static func convolutionWeightGradient(_ p: ConvolutionPlan, x: [Double], dy: [Double]) -> [Double] {
    var dw = [Double](repeating: 0, count: p.outputChannels * p.kernelHeight * p.kernelWidth * p.inputChannels)
    forTaps(p) { dw[$2] += dy[$0] * x[$1] }
    return dw
  }
}
