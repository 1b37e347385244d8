/// How a convolution of [B, H, W, Cin] with weights [Cout, kh, kw, Cin], or one of its gradients, is computed: which
/// kernels run in which order, and the workspace they need.
public struct ConvolutionPlan: Sendable, Hashable {
  /// Images.
  public var batch: Int
  /// Rows of an image, as windows see it.
  public var height: Int
  /// Columns of an image, as windows see it.
  public var width: Int
  /// Whether the images in memory are half as high and wide, each pixel standing for a 2 x 2 block. Strides are 1 then.
  public var upsamples: Bool
  /// Channels of the image.
  public var inputChannels: Int
  /// Channels of the result.
  public var outputChannels: Int
  /// Rows of the window.
  public var kernelHeight: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between windows.
  public var stride: Int
  /// Zero rows above.
  public var top: Int
  /// Zero columns on the left.
  public var left: Int
  /// Zero rows below.
  public var bottom: Int
  /// Zero columns on the right.
  public var right: Int
  /// How the operands are held while they are multiplied, where the way by tiles is not the faster one: that one needs
  /// f32, since its transforms would multiply the error of rounding.
  public var precision: ProductPrecision
  /// Whether the weights of `calls` were packed before, by `packing`.
  public var isPacked = false

  /// The plan of a convolution; the window must fit into the padded image.
  public init(
    batch: Int, height: Int, width: Int, inputChannels: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int,
    stride: Int, top: Int, left: Int, bottom: Int, right: Int, upsamples: Bool = false,
    precision: ProductPrecision = .f32
  ) {
    self.batch = batch
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
    self.upsamples = upsamples
    self.precision = precision
  }

  /// Rows of the result.
  public var outputHeight: Int { (height + top + bottom - kernelHeight) / stride + 1 }
  /// Columns of the result.
  public var outputWidth: Int { (width + left + right - kernelWidth) / stride + 1 }

  var window: Int { kernelHeight * kernelWidth * inputChannels }
  var frameHeight: Int { height + top + bottom }
  var frameWidth: Int { width + left + right }
  var isPadded: Bool { top + left + bottom + right > 0 }
  var frameCount: Int {
    Partition.roundUp(batch * frameHeight * frameWidth * inputChannels + PadImageArguments.slack, 32)
  }

  /// Whether the operands of `calls` are rounded to bf16.
  public var roundsOperands: Bool {
    if let product { return product.roundsOperands }
    return precision == .bf16 && winograd == nil && !ConvolutionArguments.isNarrow(outputChannels: outputChannels)
  }
  /// Whether the image is copied: into a frame of zeros, or to be upsampled or rounded.
  private var isFramedByCopy: Bool { isPadded || upsamples || roundsOperands }
  private var frameByteCount: Int { isFramedByCopy ? frameCount * (roundsOperands ? 2 : 4) : 0 }
  private var packedDepth: Int {
    roundsOperands ? kernelHeight * PackArguments.pairs(kernelWidth * inputChannels) : window
  }

  /// The matrix product that a convolution with 1 x 1 windows is.
  var product: ProductPlan? {
    guard kernelHeight == 1, kernelWidth == 1, stride == 1, !isPadded, !upsamples else { return nil }
    var plan = ProductPlan(
      m: batch * height * width, n: outputChannels, k: inputChannels, transposeB: true, precision: precision)
    plan.isPacked = isPacked
    return plan
  }

  /// The way by tiles, where it is faster and its rounding is allowed.
  var winograd: WinogradPlan? {
    guard precision != .strict, let plan = WinogradPlan(self), plan.isFaster else { return nil }
    return plan
  }

  /// Multiply-adds of the convolution, and of each of its gradients, where it is computed by Winograd's tiles; nil where
  /// it takes as many as it has taps.
  public var winogradMultiplyAdds: Int? { winograd?.multiplyAdds }

  /// Bytes of workspace, aligned to 64, of `calls`.
  public var workspaceByteCount: Int {
    if let product { return product.workspaceByteCount }
    if let winograd {
      return winograd.workspaceByteCount(depth: inputChannels, columns: outputChannels, isPacked: isPacked)
    }
    return frameByteCount + (isPacked ? 0 : PackArguments.byteCount(rows: packedDepth, columns: outputChannels))
  }

  /// The calls of y = activation(conv(x, w) + bias) + residual, in order.
  public func calls(
    x: FloatInput, w: FloatInput, y: FloatOutput, bias: FloatInput? = nil, activation: FusedActivation = .none,
    residual: FloatInput? = nil, workspace: UnsafeMutableRawPointer
  ) -> [MatrixCall] {
    if let product {
      return product.calls(
        a: x, b: w, c: y, bias: bias, activation: activation, residual: residual, workspace: workspace)
    }
    let used = precision.used(rounding: roundsOperands)
    if let winograd {
      return winograd.calls(
        x: x, y: y, depth: inputChannels, columns: outputChannels, bias: bias, activation: activation,
        residual: residual, upsamples: upsamples, workspace: workspace,
        weights: isPacked ? .packed(w) : .stored(packing(of: w, used)))
    }
    let buffer = workspace.assumingMemoryBound(to: Float.self)
    let packed = (workspace + frameByteCount).assumingMemoryBound(to: Float.self)
    var calls: [MatrixCall] = []
    if isFramedByCopy { calls.append(.padImage(padding(of: x, into: buffer, used))) }
    if !isPacked { calls.append(.pack(packing(of: w, used)(packed))) }
    calls.append(
      .convolution(
        ConvolutionArguments(
          frame: isFramedByCopy ? FloatInput(buffer) : x, weights: isPacked ? w : FloatInput(packed), bias: bias,
          activation: activation,
          residual: residual, y: y, batch: batch, frameHeight: frameHeight, frameWidth: frameWidth,
          inputChannels: inputChannels, outputChannels: outputChannels, kernelHeight: kernelHeight,
          kernelWidth: kernelWidth, stride: stride, outputHeight: outputHeight, outputWidth: outputWidth,
          precision: used)))
    return calls
  }

  private func packing(of w: FloatInput, _ precision: ProductPrecision) -> (FloatOutput) -> PackArguments {
    { packed in
      PackArguments(
        weights: w, outputChannels: outputChannels, kernelHeight: kernelHeight, run: kernelWidth * inputChannels,
        byColumn: ConvolutionArguments.isNarrow(outputChannels: outputChannels), precision: precision, packed: packed)
    }
  }

  func padding(
    of x: FloatInput, into frame: FloatOutput, _ precision: ProductPrecision = .f32
  ) -> PadImageArguments {
    PadImageArguments(
      x: x, frame: frame, batch: batch, height: height, width: width, upsamples: upsamples, channels: inputChannels,
      top: top, left: left, frameHeight: frameHeight, frameWidth: frameWidth, precision: precision)
  }
}
