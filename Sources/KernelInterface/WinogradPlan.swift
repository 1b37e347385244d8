/// A convolution with 3 x 3 windows, or one of its gradients, in the Winograd domain. It is correct for every shape that
/// `init` accepts; whether it is also the fastest way, `ConvolutionPlan` decides.
struct WinogradPlan: Sendable, Hashable {
  var tiles: WinogradTiles
  var inputChannels: Int
  var outputChannels: Int
  private let upsamples: Bool

  /// Nil where the convolution is not 3 x 3 with stride 1 and one pixel of padding, or channels are not whole vectors.
  init?(_ plan: ConvolutionPlan) {
    guard plan.kernelHeight == 3, plan.kernelWidth == 3, plan.stride == 1, plan.top == 1, plan.left == 1,
      plan.bottom == 1, plan.right == 1, plan.inputChannels % 16 == 0, plan.outputChannels % 16 == 0
    else { return nil }
    tiles = WinogradTiles(batch: plan.batch, height: plan.height, width: plan.width)
    inputChannels = plan.inputChannels
    outputChannels = plan.outputChannels
    upsamples = plan.upsamples
  }

  /// Pixels of results that tiles compute, those beyond the image's edge included.
  private var computedPixels: Int { tiles.count * 16 }

  /// Whether tiles save time: the transforms cost as much as some 16 channels' worth of products, and each of few tiles
  /// bears a large share of the transform of the weights.
  var isFaster: Bool {
    let pixels = tiles.batch * tiles.height * tiles.width
    return tiles.count >= 16 && min(inputChannels, outputChannels) >= 32 && computedPixels * 2 <= pixels * 3
  }

  /// Multiply-adds of the products in the Winograd domain.
  var multiplyAdds: Int { tiles.count * WinogradTiles.positions * inputChannels * outputChannels }

  private func packedCount(depth: Int, columns: Int) -> Int { PackArguments.packedCount(rows: depth, columns: columns) }

  private var hasFewTiles: Bool { tiles.count <= WinogradFewTilesArguments.maximumTiles }

  /// Bytes of workspace, aligned to 64, of `calls`, and of the input gradient's with the channels exchanged.
  func workspaceByteCount(depth: Int, columns: Int, isPacked: Bool = false) -> Int {
    let packed = packedCount(depth: depth, columns: columns)
    let transformed =
      hasFewTiles ? WinogradTiles.plane(tiles: tiles.count, channels: depth) : packed
    return ((isPacked ? 0 : 9 * packed) + WinogradTiles.positions * transformed) * 4
  }

  /// Where the packed weights come from.
  enum Weights {
    /// They are there.
    case packed(FloatInput)
    /// Packed into a given place first.
    case stored((FloatOutput) -> PackArguments)
  }

  /// The calls of y = activation(conv(x, w) + bias) + residual, in order.
  ///
  /// - Parameters:
  ///   - upsamples: Whether each pixel of x stands for a 2 x 2 block.
  ///   - sumsBlocks: Whether y has the convolution summed over 2 x 2 blocks.
  func calls(
    x: FloatInput, y: FloatOutput, depth: Int, columns: Int, bias: FloatInput? = nil,
    activation: FusedActivation = .none, residual: FloatInput? = nil, upsamples: Bool = false,
    sumsBlocks: Bool = false, workspace: UnsafeMutableRawPointer, weights: Weights
  ) -> [MatrixCall] {
    var transformed = workspace.assumingMemoryBound(to: Float.self)
    let packed: FloatInput
    var calls: [MatrixCall] = []
    switch weights {
    case .packed(let weights): packed = weights
    case .stored(let pack):
      packed = FloatInput(transformed)
      calls.append(.pack(pack(transformed)))
      transformed += 9 * packedCount(depth: depth, columns: columns)
    }
    var convolution = WinogradConvolutionArguments(
      x: x, weights: packed, bias: bias, activation: activation, residual: residual, y: y, tiles: tiles,
      inputChannels: depth, outputChannels: columns, upsamples: upsamples, sumsBlocks: sumsBlocks)
    if hasFewTiles {
      return calls + [
        .winogradImageTiles(
          WinogradImageTilesArguments(
            x: x, target: transformed, tiles: tiles, channels: depth, upsamples: upsamples)),
        .winogradFewTiles(WinogradFewTilesArguments(convolution: convolution, imageTiles: transformed)),
      ]
    }
    convolution.weights = FloatInput(transformed)
    return calls + [
      .winogradWeights(
        WinogradWeightArguments(packed: packed, target: transformed, depth: depth, columns: columns)),
      .winogradConvolution(convolution),
    ]
  }

  /// Tiles whose products are added at once: enough to make little of reading and writing the sums, few enough for the
  /// transformed tiles to stay in a shared cache.
  private var chunkTiles: Int {
    let tileBytes = WinogradTiles.positions * (inputChannels + outputChannels + 2 * WinogradTiles.rowPadding) * 4
    return min(tiles.count, max(64, min(256, (3 << 19) / tileBytes / 4 * 4)))
  }
  private var imageCount: Int {
    WinogradTiles.positions * WinogradTiles.plane(tiles: chunkTiles, channels: inputChannels)
  }
  private var gradientCount: Int {
    WinogradTiles.positions * WinogradTiles.plane(tiles: chunkTiles, channels: outputChannels)
  }
  /// Units of all ranges of tiles: each range but the last is whole units.
  var gradientUnitCount: Int { Partition.ceil(tiles.count, WinogradGradientTilesArguments.blockTiles) }
  private var productCount: Int { WinogradTiles.positions * inputChannels * outputChannels }

  /// Bytes of workspace, aligned to 64, of `weightGradientCalls`.
  var weightGradientWorkspaceByteCount: Int { (imageCount + gradientCount + productCount + 32) * 4 }

  /// The calls of dw = gradient of the convolution with respect to the weights, in order.
  func weightGradientCalls(
    x: FloatInput, dy: FloatInput, dw: FloatOutput, biasSums: FloatOutput?, workspace: UnsafeMutableRawPointer
  ) -> [MatrixCall] {
    let products = workspace.assumingMemoryBound(to: Float.self)
    let gradientTiles = products + productCount
    let imageTiles = gradientTiles + gradientCount
    var calls: [MatrixCall] = []
    for first in stride(from: 0, to: tiles.count, by: chunkTiles) {
      let count = min(chunkTiles, tiles.count - first)
      calls.append(
        .winogradGradientTiles(
          WinogradGradientTilesArguments(
            x: x, dy: dy, imageTiles: imageTiles, gradientTiles: gradientTiles,
            sums: biasSums.map { $0 + first / WinogradGradientTilesArguments.blockTiles * outputChannels },
            tiles: tiles, firstTile: first, tileCount: count, inputChannels: inputChannels,
            outputChannels: outputChannels, upsamples: upsamples)))
      calls.append(
        .winogradGradientProduct(
          WinogradGradientProductArguments(
            imageTiles: imageTiles, gradientTiles: gradientTiles, products: products, tileCount: count,
            inputChannels: inputChannels, outputChannels: outputChannels, accumulates: first > 0)))
    }
    calls.append(
      .winogradGradientFinish(
        WinogradGradientFinishArguments(
          products: products, target: dw, inputChannels: inputChannels, outputChannels: outputChannels)))
    return calls
  }
}
