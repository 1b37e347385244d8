/// Widest column panel of any instruction set; workspaces are sized for it.
public let panelWidth = 32

/// How the operands of products are held, and how products are added up: in f32, but for `strict`. Biases, activations and
/// residuals are f32 in any case.
public enum ProductPrecision: Int32, Sendable, BitwiseCopyable {
  /// Operands as they are.
  case f32
  /// Operands rounded to the nearest bfloat16, ties to even.
  case bf16
  /// Operands as they are; sums of direct products only, in double precision until they are stored. Products of few rows
  /// or columns, which are sums of many short sums, stay f32.
  case strict

  /// What a product does that was allowed this, where it rounds operands or does not.
  public func used(rounding: Bool) -> ProductPrecision { self == .bf16 && !rounding ? .f32 : self }
}

/// Function applied to the result of a product before it is stored for good.
public enum FusedActivation: Int32, Sendable, BitwiseCopyable {
  case none, relu, silu, gelu
}

/// The kernels that spend their time in products of matrices.
public protocol MatrixKernels: SendableMetatype {
  /// Packs a matrix into column panels.
  static func pack(_ a: PackArguments, _ units: Range<Int>)
  /// Product with a packed matrix.
  static func gemm(_ a: GemmArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Product of few rows with a weight matrix as stored.
  static func skinnyLinear(_ a: SkinnyLinearArguments, _ units: Range<Int>)
  /// Product of few rows with narrow weights as stored.
  static func narrowLinear(_ a: NarrowLinearArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Rows of narrow weights as f32.
  static func widen(_ a: WidenArguments, _ units: Range<Int>)
  /// Copy of an image into a zeroed frame.
  static func padImage(_ a: PadImageArguments, _ units: Range<Int>)
  /// Convolution.
  static func convolution(_ a: ConvolutionArguments, _ units: Range<Int>)
  /// Weight gradient of a convolution, as partial sums.
  static func convolutionWeightGradient(_ a: ConvolutionWeightGradientArguments, _ units: Range<Int>)
  /// The weight gradient from its partial sums.
  static func weightGradientSum(_ a: WeightGradientSumArguments, _ units: Range<Int>)
  /// Sums of neighbouring taps.
  static func sumTaps(_ a: SumTapsArguments, _ units: Range<Int>)
  /// Transform of 3 x 3 weights for convolution by tiles.
  static func winogradWeights(_ a: WinogradWeightArguments, _ units: Range<Int>)
  /// Convolution by tiles.
  static func winogradConvolution(
    _ a: WinogradConvolutionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Transform of images for convolution of few tiles.
  static func winogradImageTiles(
    _ a: WinogradImageTilesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Convolution of few tiles.
  static func winogradFewTiles(
    _ a: WinogradFewTilesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Transforms of images and gradients for the weight gradient by tiles.
  static func winogradGradientTiles(
    _ a: WinogradGradientTilesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Products for the weight gradient by tiles.
  static func winogradGradientProduct(_ a: WinogradGradientProductArguments, _ units: Range<Int>)
  /// The weight gradient from products of tiles.
  static func winogradGradientFinish(_ a: WinogradGradientFinishArguments, _ units: Range<Int>)
  /// Attention.
  static func attention(_ a: AttentionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Gradient of attention.
  static func attentionGradient(
    _ a: AttentionGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
  /// Attention over a cache.
  static func cachedAttention(_ a: CachedAttentionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer)
}
