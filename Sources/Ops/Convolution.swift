// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR

/// Convolution of [B, H, W, Cin] with weights [Cout, kh, kw, Cin] and an optional bias [Cout].
public struct Conv2D: ConvolutionOp, HasEpilogue, ReadsPackedWeights {
  /// Distance between windows; 1 with `upsample`.
  public var stride: Int
  /// Zero padding.
  public var padding: Padding
  /// Whether each pixel of the image stands for a 2 x 2 block (nearest neighbour), over which windows move.
  public var upsample: Bool
  /// What happens to the sums.
  public var epilogue: Epilogue
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32
  /// Whether the weights are what `pack_weights` made.
  public var isPacked = false

  /// The op with the given window layout.
  public init(stride: Int = 1, padding: Padding, upsample: Bool = false, epilogue: Epilogue = .none) {
    self.stride = stride
    self.padding = padding
    self.upsample = upsample
    self.epilogue = epilogue
  }

  public static let mnemonics = ["conv2d"]
  public static let summary =
    "Convolution, channels last; weights [Cout, kh, kw, Cin], bias optional; `upsample` doubles the image."
  public static let example = """
    program @example(%x: f32[1,4,4,3], %w: f32[2,3,3,3], %b: f32[2]) -> (y: f32[1,2,2,2]) {
      %0 = conv2d(%x, %w, %b) {stride = 2, pad = [0, 0, 1, 1]} : f32[1,2,2,2]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    stride = try attributes.int("stride")
    padding = try Padding(try attributes.ints("pad"))
    upsample = try attributes.flag("upsample")
    epilogue = try Epilogue(&attributes)
    precision = try OperandPrecision(&attributes)
    isPacked = try attributes.flag("packed")
  }
  public var mnemonic: String { "conv2d" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("stride", stride)
    attributes.put("pad", padding.list)
    if upsample { attributes.put("upsample", true) }
    epilogue.write(to: &attributes)
    precision.write(to: &attributes)
    if isPacked { attributes.put("packed", true) }
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    let inner = epilogue.inner(operands)
    try ShapeRule.operands(Array(inner), 2...3)
    if isPacked { try PackWeights.check(operands, 1, precision) }
    for index in operands.indices where !(isPacked && index == 1) { try ShapeRule.dtype(operands, at: index, .f32) }
    try ShapeRule.rank(operands, 0, 4)
    try ShapeRule.rank(operands, 1, 4)
    let (x, w) = (operands[0].shape, operands[1].shape)
    try ShapeRule.require(x[3] == w[3], "the image has \(x[3]) channels, the weights \(w[3])")
    try ShapeRule.require(stride >= 1, "stride must be positive")
    if inner.count == 3 { try ShapeRule.shape(operands, 2, [w[0]]) }
    let (height, width) = try padding.output(
      height: x[1], width: x[2], kernel: (w[1], w[2]), stride: stride, upsample: upsample)
    let result = TensorType.f32(x[0], height, width, w[0])
    try epilogue.check(operands, result: result)
    return [result]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    let b = context.builder
    let (x, w) = (context.operands[0], context.operands[1])
    let dy = try context.incoming()
    let (sx, sw) = (b.shape(of: x), b.shape(of: w))
    if context.wants(0) {
      let op = Conv2DInputGradient(stride: stride, padding: padding, size: [sx[1], sx[2]], upsample: upsample)
      context.set(0, b.emitOne(op, dy, w))
    }
    if context.wants(1) {
      let op = Conv2DWeightGradient(stride: stride, padding: padding, kernel: [sw[1], sw[2]], upsample: upsample)
      context.set(1, b.emitOne(op, x, dy))
    }
    if context.operands.count == 3, context.wants(2) { context.set(2, b.sumLeading(dy, to: [sw[0]])) }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    let w = operands[1].shape
    return 2 * results[0].count * w[1] * w[2] * w[3] + (epilogue.inner(operands).count == 3 ? results[0].count : 0)
      + epilogue.flops(results[0].count)
  }
  public func shapes(operands: [TensorType], results: [TensorType]) -> (image: [Int], weights: [Int]) {
    (operands[0].shape, operands[1].shape)
  }
  public var opCase: OpCase { .conv2D(self) }
}

/// The gradient of a convolution with respect to its image.
public struct Conv2DInputGradient: ConvolutionOp, HasEpilogue {
  /// Stride of the convolution.
  public var stride: Int
  /// Padding of the convolution.
  public var padding: Padding
  /// [H, W] of the image, before it is upsampled.
  public var size: [Int]
  /// Whether the convolution upsamples its image: the gradient is then summed over 2 x 2 blocks.
  public var upsample: Bool
  /// What happens to the sums.
  public var epilogue: Epilogue
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32

  /// The op for a convolution's attributes and image size.
  public init(stride: Int, padding: Padding, size: [Int], upsample: Bool = false, epilogue: Epilogue = .none) {
    self.stride = stride
    self.padding = padding
    self.size = size
    self.upsample = upsample
    self.epilogue = epilogue
  }

  public static let mnemonics = ["conv2d_input_gradient"]
  public static let summary = "Gradient of conv2d with respect to the image, from (dy, weights)."
  public static let example = """
    program @example(%dy: f32[1,2,2,2], %w: f32[2,3,3,3]) -> (dx: f32[1,4,4,3]) {
      %0 = conv2d_input_gradient(%dy, %w) {stride = 2, pad = [0, 0, 1, 1], size = [4, 4]} : f32[1,4,4,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    stride = try attributes.int("stride")
    padding = try Padding(try attributes.ints("pad"))
    size = try attributes.ints("size")
    upsample = try attributes.flag("upsample")
    epilogue = try Epilogue(&attributes)
    precision = try OperandPrecision(&attributes)
  }
  public var mnemonic: String { "conv2d_input_gradient" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("stride", stride)
    attributes.put("pad", padding.list)
    attributes.put("size", size)
    if upsample { attributes.put("upsample", true) }
    epilogue.write(to: &attributes)
    precision.write(to: &attributes)
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, epilogue.addsResidual ? 3 : 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.rank(operands, 0, 4)
    try ShapeRule.rank(operands, 1, 4)
    try ShapeRule.require(size.count == 2, "size must be [height, width]")
    let (dy, w) = (operands[0].shape, operands[1].shape)
    let (height, width) = try padding.output(
      height: size[0], width: size[1], kernel: (w[1], w[2]), stride: stride, upsample: upsample)
    try ShapeRule.shape(operands, 0, [dy[0], height, width, w[0]])
    let result = TensorType.f32(dy[0], size[0], size[1], w[3])
    try epilogue.check(operands, result: result)
    return [result]
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    // The adjoint of an adjoint: the convolution itself, with the incoming gradient in the place of the image.
    let b = context.builder
    let (dy, w) = (context.operands[0], context.operands[1])
    let g = try context.incoming()
    if context.wants(0) {
      context.set(0, b.emitOne(Conv2D(stride: stride, padding: padding, upsample: upsample), g, w))
    }
    if context.wants(1) {
      let kernel = Array(b.shape(of: w)[1...2])
      let op = Conv2DWeightGradient(stride: stride, padding: padding, kernel: kernel, upsample: upsample)
      context.set(1, b.emitOne(op, g, dy))
    }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    let w = operands[1].shape
    return 2 * operands[0].count * w[1] * w[2] * w[3] + epilogue.flops(results[0].count)
  }
  public func shapes(operands: [TensorType], results: [TensorType]) -> (image: [Int], weights: [Int]) {
    (results[0].shape, operands[1].shape)
  }
  public var opCase: OpCase { .conv2DInputGradient(self) }
}

/// The gradient of a convolution with respect to its weights, and to its bias where that is asked for.
public struct Conv2DWeightGradient: ConvolutionOp {
  /// Stride of the convolution.
  public var stride: Int
  /// Padding of the convolution.
  public var padding: Padding
  /// [kh, kw] of the weights.
  public var kernel: [Int]
  /// Whether the convolution upsamples its image.
  public var upsample: Bool
  /// How the operands are held while they are multiplied.
  public var precision = OperandPrecision.f32
  /// Whether a second result is the gradient of the bias: dy summed over images and pixels.
  public var sumsBias: Bool

  /// The op for a convolution's attributes and window size.
  public init(stride: Int, padding: Padding, kernel: [Int], upsample: Bool = false, sumsBias: Bool = false) {
    self.stride = stride
    self.padding = padding
    self.kernel = kernel
    self.upsample = upsample
    self.sumsBias = sumsBias
  }

  public static let mnemonics = ["conv2d_weight_gradient"]
  public static let summary =
    "Gradient of conv2d with respect to the weights, from (x, dy); with `bias` also with respect to the bias."
  public static let example = """
    program @example(%x: f32[1,4,4,3], %dy: f32[1,2,2,2]) -> (dw: f32[2,3,3,3]) {
      %0 = conv2d_weight_gradient(%x, %dy) {stride = 2, pad = [0, 0, 1, 1], kernel = [3, 3]} : f32[2,3,3,3]
      return %0
    }

    """
  public init(mnemonic: String, attributes: inout AttributeReader) throws(OpError) {
    stride = try attributes.int("stride")
    padding = try Padding(try attributes.ints("pad"))
    kernel = try attributes.ints("kernel")
    upsample = try attributes.flag("upsample")
    precision = try OperandPrecision(&attributes)
    sumsBias = try attributes.flag("bias")
  }
  public var mnemonic: String { "conv2d_weight_gradient" }
  public func write(to attributes: inout AttributeWriter) {
    attributes.put("stride", stride)
    attributes.put("pad", padding.list)
    attributes.put("kernel", kernel)
    if upsample { attributes.put("upsample", true) }
    precision.write(to: &attributes)
    if sumsBias { attributes.put("bias", true) }
  }
  public func resultTypes(_ operands: [TensorType]) throws(OpError) -> [TensorType] {
    try ShapeRule.operands(operands, 2)
    try ShapeRule.allF32(operands)
    try ShapeRule.rank(operands, 0, 4)
    try ShapeRule.rank(operands, 1, 4)
    try ShapeRule.require(kernel.count == 2, "kernel must be [height, width]")
    let (x, dy) = (operands[0].shape, operands[1].shape)
    let (height, width) = try padding.output(
      height: x[1], width: x[2], kernel: (kernel[0], kernel[1]), stride: stride, upsample: upsample)
    try ShapeRule.shape(operands, 1, [x[0], height, width, dy[3]])
    return [.f32(dy[3], kernel[0], kernel[1], x[3])] + (sumsBias ? [.f32(dy[3])] : [])
  }
  public func gradient(_ context: GradientContext) throws(OpError) {
    if sumsBias { throw OpError("\(mnemonic) with a bias has no gradient rule: differentiate before fusing") }
    let b = context.builder
    let (x, dy) = (context.operands[0], context.operands[1])
    let g = try context.incoming()
    if context.wants(0) {
      let size = Array(b.shape(of: x)[1...2])
      let op = Conv2DInputGradient(stride: stride, padding: padding, size: size, upsample: upsample)
      context.set(0, b.emitOne(op, dy, g))
    }
    if context.wants(1) {
      context.set(1, b.emitOne(Conv2D(stride: stride, padding: padding, upsample: upsample), x, g))
    }
  }
  public func flops(operands: [TensorType], results: [TensorType]) -> Int {
    (2 * kernel[0] * kernel[1] * operands[0].shape[3] + (sumsBias ? 1 : 0)) * operands[1].count
  }
  public func shapes(operands: [TensorType], results: [TensorType]) -> (image: [Int], weights: [Int]) {
    (operands[0].shape, results[0].shape)
  }
  public var opCase: OpCase { .conv2DWeightGradient(self) }
}
