/// The division of images into the tiles of F(4 x 4, 3 x 3): each 4 x 4 pixels of the result come from 6 x 6 pixels of the
/// image by 36 products instead of 144 (Winograd 1980; Lavin and Gray 2016). Windows are 3 x 3 with stride 1 and one zero
/// pixel around the image, so that result and image have the same size.
public struct WinogradTiles: Sendable, Hashable, BitwiseCopyable {
  /// Images.
  public var batch: Int
  /// Rows of an image.
  public var height: Int
  /// Columns of an image.
  public var width: Int

  /// Tiles of images of the given size.
  public init(batch: Int, height: Int, width: Int) {
    self.batch = batch
    self.height = height
    self.width = width
  }

  /// Products per tile, input and output channel: the positions of a transformed tile.
  public static let positions = 36
  /// Elements between rows of a transformed block beyond its channels: rows whose distance is a large power of two would
  /// fall into the same few cache sets.
  public static let rowPadding = 16

  /// Elements of one position of transformed tiles, rows `rowPadding` longer than the channels; positions are a cache
  /// line further apart than their elements need, since a transform writes to all of them at once.
  public static func plane(tiles: Int, channels: Int) -> Int { tiles * (channels + rowPadding) + 16 }

  /// Tiles in a column.
  public var high: Int { Partition.ceil(height, 4) }
  /// Tiles in a row.
  public var wide: Int { Partition.ceil(width, 4) }
  /// All tiles.
  public var count: Int { batch * high * wide }
}

/// Transforms packed 3 x 3 weights, panels of rows (tap, k), to 36 packed matrices [K, N].
public struct WinogradWeightArguments: KernelArguments, @unchecked Sendable {
  /// Packed weights: `PackArguments` with nine groups of K rows.
  public var packed: FloatInput
  /// The matrices, each `PackArguments.packedCount(rows: depth, columns: columns)` long.
  public var target: FloatOutput
  /// Rows K of a matrix: channels of the image.
  public var depth: Int
  /// Columns N: channels of the result.
  public var columns: Int

  /// Arguments for one transform.
  public init(packed: FloatInput, target: FloatOutput, depth: Int, columns: Int) {
    self.packed = packed
    self.target = target
    self.depth = depth
    self.columns = columns
  }

  /// Rows per unit.
  public static let blockRows = 32
  /// Units are blocks of rows of a pack of columns.
  public var unitCount: Int { Partition.ceil(columns, panelWidth) * Partition.ceil(depth, Self.blockRows) }
}

/// y = activation(conv3x3(x, w) + bias) + residual by tiles: a unit transforms a block of tiles of the image, multiplies
/// them by a block of columns of the transformed weights, and transforms the products back.
public struct WinogradConvolutionArguments: KernelArguments, @unchecked Sendable {
  /// Images [B, H, W, K], or [B, H/2, W/2, K] if `upsamples`.
  public var x: FloatInput
  /// Transformed weights.
  public var weights: FloatInput
  /// Added to every pixel, if present.
  public var bias: FloatInput?
  /// Applied after the bias.
  public var activation: FusedActivation
  /// Added last, if present; laid out like y, which it must not overlap.
  public var residual: FloatInput?
  /// The result [B, H, W, N], or [B, H/2, W/2, N] if `sumsBlocks`.
  public var y: FloatOutput
  /// The images' tiles.
  public var tiles: WinogradTiles
  /// Channels K of the images, a multiple of 16.
  public var inputChannels: Int
  /// Channels N of the result, a multiple of 16.
  public var outputChannels: Int
  /// Whether each pixel of the images stands for a 2 x 2 block.
  public var upsamples: Bool
  /// Whether the convolution is summed over 2 x 2 blocks before anything is added; only for an even height and width.
  public var sumsBlocks: Bool

  /// Arguments for one convolution.
  public init(
    x: FloatInput, weights: FloatInput, bias: FloatInput?, activation: FusedActivation, residual: FloatInput?,
    y: FloatOutput, tiles: WinogradTiles, inputChannels: Int, outputChannels: Int, upsamples: Bool, sumsBlocks: Bool
  ) {
    self.x = x
    self.weights = weights
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.y = y
    self.tiles = tiles
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.upsamples = upsamples
    self.sumsBlocks = sumsBlocks
  }

  /// Tiles per unit: a multiple of the tallest register tile, or all where there are few.
  public var blockTiles: Int { tiles.count <= 42 ? tiles.count : 28 }
  /// Blocks of tiles.
  public var tileBlocks: Int { Partition.ceil(tiles.count, blockTiles) }
  /// Columns per unit: the products of a unit stay in the second-level cache.
  public var blockColumns: Int {
    let wanted = max(1, Partition.ceil(GemmArguments.wantedUnits, tileBlocks))
    let panels = Partition.ceil(outputChannels, panelWidth)
    return min(4, max(1, Partition.ceil(panels, wanted))) * panelWidth
  }
  /// Blocks of columns.
  public var columnBlocks: Int { Partition.ceil(outputChannels, blockColumns) }
  /// Elements between rows of transformed tiles.
  public var inputRow: Int { inputChannels + WinogradTiles.rowPadding }
  /// Elements between rows of products.
  public var outputRow: Int { blockColumns + WinogradTiles.rowPadding }
  /// Units are blocks of tiles and columns, the columns of a block of tiles one after another.
  public var unitCount: Int { tileBlocks * columnBlocks }
  /// Transformed tiles, products, a row of zeros and one tile between the passes of a transform.
  public var scratchByteCount: Int {
    let planes =
      WinogradTiles.plane(tiles: blockTiles, channels: inputChannels)
      + WinogradTiles.plane(tiles: blockTiles, channels: blockColumns)
    return (WinogradTiles.positions * (planes + 16) + inputRow + 16) * 4
  }
}

/// Transforms all tiles of images.
public struct WinogradImageTilesArguments: KernelArguments, @unchecked Sendable {
  /// Images [B, H, W, K], or [B, H/2, W/2, K] if `upsamples`.
  public var x: FloatInput
  /// Transformed images [36, tiles, K + padding].
  public var target: FloatOutput
  /// The images' tiles.
  public var tiles: WinogradTiles
  /// Channels K, a multiple of 16.
  public var channels: Int
  /// Whether each pixel of the images stands for a 2 x 2 block.
  public var upsamples: Bool

  /// Arguments for one transform.
  public init(x: FloatInput, target: FloatOutput, tiles: WinogradTiles, channels: Int, upsamples: Bool) {
    self.x = x
    self.target = target
    self.tiles = tiles
    self.channels = channels
    self.upsamples = upsamples
  }

  /// Tiles per unit.
  public static let blockTiles = 4
  /// Units are blocks of tiles.
  public var unitCount: Int { Partition.ceil(tiles.count, Self.blockTiles) }
  /// A row of zeros and one tile between the passes of a transform.
  public var scratchByteCount: Int { (channels + 16 + (WinogradTiles.positions + 1) * 16) * 4 }
}

/// Convolution of few tiles: a unit transforms the weights of its columns block by block, so that transformed weights,
/// four times as many as there were, never leave the second-level cache. All tiles belong to every unit.
public struct WinogradFewTilesArguments: KernelArguments, @unchecked Sendable {
  /// The convolution; its weights are packed, not transformed, and its x is not read.
  public var convolution: WinogradConvolutionArguments
  /// Transformed images [36, tiles, K + padding].
  public var imageTiles: FloatInput

  /// Arguments for one convolution.
  public init(convolution: WinogradConvolutionArguments, imageTiles: FloatInput) {
    self.convolution = convolution
    self.imageTiles = imageTiles
  }

  /// Tiles up to which this is the better way: their products with a unit's columns fit in the second-level cache.
  public static let maximumTiles = 64
  /// Rows of weights that are transformed at a time.
  public var blockRows: Int { convolution.tiles.count <= 32 ? 64 : 32 }
  /// Elements between positions of transformed weights.
  public var weightPlane: Int { blockRows * panelWidth + 16 }
  /// Elements between rows of products.
  public var productRow: Int { panelWidth + WinogradTiles.rowPadding }
  /// Elements between positions of products.
  public var productPlane: Int { WinogradTiles.plane(tiles: convolution.tiles.count, channels: panelWidth) }
  /// Units are as many columns as the widest panel.
  public var unitCount: Int { Partition.ceil(convolution.outputChannels, panelWidth) }
  /// Transformed weights, products, and one tile between the passes of a transform.
  public var scratchByteCount: Int {
    WinogradTiles.positions * (weightPlane + productPlane + 16) * 4
  }
}

/// Transforms a range of tiles of an image and of the gradient of a result: the operands of the weight gradient.
public struct WinogradGradientTilesArguments: KernelArguments, @unchecked Sendable {
  /// Images [B, H, W, Cin], or [B, H/2, W/2, Cin] if `upsamples`.
  public var x: FloatInput
  /// Gradient of the result [B, H, W, Cout].
  public var dy: FloatInput
  /// Transformed images [36, tiles, Cin + padding].
  public var imageTiles: FloatOutput
  /// Transformed gradients [36, tiles, Cout + padding].
  public var gradientTiles: FloatOutput
  /// Sums of the gradient over the pixels of each unit [units, Cout]; nil for none.
  public var sums: FloatOutput?
  /// The images' tiles.
  public var tiles: WinogradTiles
  /// First tile.
  public var firstTile: Int
  /// Tiles in the range.
  public var tileCount: Int
  /// Channels Cin, a multiple of 16.
  public var inputChannels: Int
  /// Channels Cout, a multiple of 16.
  public var outputChannels: Int
  /// Whether each pixel of the images stands for a 2 x 2 block.
  public var upsamples: Bool

  /// Arguments for one range.
  public init(
    x: FloatInput, dy: FloatInput, imageTiles: FloatOutput, gradientTiles: FloatOutput, sums: FloatOutput?,
    tiles: WinogradTiles, firstTile: Int, tileCount: Int, inputChannels: Int, outputChannels: Int, upsamples: Bool
  ) {
    self.x = x
    self.dy = dy
    self.imageTiles = imageTiles
    self.gradientTiles = gradientTiles
    self.sums = sums
    self.tiles = tiles
    self.firstTile = firstTile
    self.tileCount = tileCount
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.upsamples = upsamples
  }

  /// Tiles per unit.
  public static let blockTiles = 4
  /// Units are blocks of tiles.
  public var unitCount: Int { Partition.ceil(tileCount, Self.blockTiles) }
  /// A row of zeros and one tile between the passes of a transform.
  public var scratchByteCount: Int {
    (max(inputChannels, outputChannels) + 16 + (WinogradTiles.positions + 1) * 16) * 4
  }
}

/// Adds the products of a range of transformed tiles to the transformed weight gradient: 36 matrices [Cout, Cin].
public struct WinogradGradientProductArguments: KernelArguments, @unchecked Sendable {
  /// Transformed images [36, tiles, Cin + padding].
  public var imageTiles: FloatInput
  /// Transformed gradients [36, tiles, Cout + padding].
  public var gradientTiles: FloatInput
  /// The matrices.
  public var products: FloatOutput
  /// Tiles in the range.
  public var tileCount: Int
  /// Channels Cin.
  public var inputChannels: Int
  /// Channels Cout.
  public var outputChannels: Int
  /// Whether the products are added to what is there.
  public var accumulates: Bool

  /// Arguments for one range.
  public init(
    imageTiles: FloatInput, gradientTiles: FloatInput, products: FloatOutput, tileCount: Int, inputChannels: Int,
    outputChannels: Int, accumulates: Bool
  ) {
    self.imageTiles = imageTiles
    self.gradientTiles = gradientTiles
    self.products = products
    self.tileCount = tileCount
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.accumulates = accumulates
  }

  /// Units are positions of a tile.
  public var unitCount: Int { WinogradTiles.positions }
}

/// Transforms 36 matrices [Cout, Cin] back to the weight gradient [Cout, 3, 3, Cin].
public struct WinogradGradientFinishArguments: KernelArguments, @unchecked Sendable {
  /// The matrices.
  public var products: FloatInput
  /// The gradient.
  public var target: FloatOutput
  /// Channels Cin.
  public var inputChannels: Int
  /// Channels Cout.
  public var outputChannels: Int

  /// Arguments for one gradient.
  public init(products: FloatInput, target: FloatOutput, inputChannels: Int, outputChannels: Int) {
    self.products = products
    self.target = target
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
  }

  /// Output channels per unit.
  public static let blockChannels = 8
  /// Units are blocks of output channels.
  public var unitCount: Int { Partition.ceil(outputChannels, Self.blockChannels) }
}
