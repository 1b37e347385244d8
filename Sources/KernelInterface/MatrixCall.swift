/// One call of a matrix kernel: what the plans of products and convolutions consist of. A call may start when all units
/// of the one before it have returned.
public enum MatrixCall: BitwiseCopyable, Sendable {
  case pack(PackArguments)
  case gemm(GemmArguments)
  case skinnyLinear(SkinnyLinearArguments)
  case narrowLinear(NarrowLinearArguments)
  case widen(WidenArguments)
  case padImage(PadImageArguments)
  case convolution(ConvolutionArguments)
  case convolutionWeightGradient(ConvolutionWeightGradientArguments)
  case weightGradientSum(WeightGradientSumArguments)
  case sumTaps(SumTapsArguments)
  case winogradWeights(WinogradWeightArguments)
  case winogradConvolution(WinogradConvolutionArguments)
  case winogradImageTiles(WinogradImageTilesArguments)
  case winogradFewTiles(WinogradFewTilesArguments)
  case winogradGradientTiles(WinogradGradientTilesArguments)
  case winogradGradientProduct(WinogradGradientProductArguments)
  case winogradGradientFinish(WinogradGradientFinishArguments)
  case attention(AttentionArguments)
  case attentionGradient(AttentionGradientArguments)
  case cachedAttention(CachedAttentionArguments)

  /// The arguments, whatever the kernel.
  public var arguments: any KernelArguments {
    switch self {
    case .pack(let a): a
    case .gemm(let a): a
    case .skinnyLinear(let a): a
    case .narrowLinear(let a): a
    case .widen(let a): a
    case .padImage(let a): a
    case .convolution(let a): a
    case .convolutionWeightGradient(let a): a
    case .weightGradientSum(let a): a
    case .sumTaps(let a): a
    case .winogradWeights(let a): a
    case .winogradConvolution(let a): a
    case .winogradImageTiles(let a): a
    case .winogradFewTiles(let a): a
    case .winogradGradientTiles(let a): a
    case .winogradGradientProduct(let a): a
    case .winogradGradientFinish(let a): a
    case .attention(let a): a
    case .attentionGradient(let a): a
    case .cachedAttention(let a): a
    }
  }
}

extension MatrixKernels {
  /// Runs a range of units of a call.
  public static func run(_ call: MatrixCall, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    switch call {
    case .pack(let a): pack(a, units)
    case .gemm(let a): gemm(a, units, scratch)
    case .skinnyLinear(let a): skinnyLinear(a, units)
    case .narrowLinear(let a): narrowLinear(a, units, scratch)
    case .widen(let a): widen(a, units)
    case .padImage(let a): padImage(a, units)
    case .convolution(let a): convolution(a, units)
    case .convolutionWeightGradient(let a): convolutionWeightGradient(a, units)
    case .weightGradientSum(let a): weightGradientSum(a, units)
    case .sumTaps(let a): sumTaps(a, units)
    case .winogradWeights(let a): winogradWeights(a, units)
    case .winogradConvolution(let a): winogradConvolution(a, units, scratch)
    case .winogradImageTiles(let a): winogradImageTiles(a, units, scratch)
    case .winogradFewTiles(let a): winogradFewTiles(a, units, scratch)
    case .winogradGradientTiles(let a): winogradGradientTiles(a, units, scratch)
    case .winogradGradientProduct(let a): winogradGradientProduct(a, units)
    case .winogradGradientFinish(let a): winogradGradientFinish(a, units)
    case .attention(let a): attention(a, units, scratch)
    case .attentionGradient(let a): attentionGradient(a, units, scratch)
    case .cachedAttention(let a): cachedAttention(a, units, scratch)
    }
  }
}
