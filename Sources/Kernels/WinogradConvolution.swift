// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  /// Transforms packed weights; a unit is some rows of as many columns as the widest panel.
  public static func winogradWeights(_ a: WinogradWeightArguments, _ units: Range<Int>) {
    let blocks = Partition.ceil(a.depth, WinogradWeightArguments.blockRows)
    let matrix = PackArguments.packedCount(rows: a.depth, columns: a.columns)
    for unit in units {
      let (pack, block) = unit.quotientAndRemainder(dividingBy: blocks)
      let first = block * WinogradWeightArguments.blockRows
      let rows = first..<min(a.depth, first + WinogradWeightArguments.blockRows)
      var column = pack * panelWidth
      let end = min(a.columns, column + panelWidth)
      while column < end {
        for row in rows {
          for half in stride(from: 0, to: panel, by: lanes) {
            transformWeights(
              a.packed + column * 9 * a.depth + row * panel + half, tap: a.depth * panel,
              target: a.target + column * a.depth + row * panel + half, matrix: matrix)
          }
        }
        column += panel
      }
    }
  }

  /// Nine taps, `tap` apart, to 36 positions, `matrix` apart.
  @inline(__always)
  static func transformWeights(
    _ w: UnsafePointer<Float>, tap: Int, target: UnsafeMutablePointer<Float>, matrix: Int
  ) {
    let c0 = weightsToPoints(load(w), load(w, 3 * tap), load(w, 6 * tap))
    let c1 = weightsToPoints(load(w, tap), load(w, 4 * tap), load(w, 7 * tap))
    let c2 = weightsToPoints(load(w, 2 * tap), load(w, 5 * tap), load(w, 8 * tap))
    storePoints(weightsToPoints(c0.0, c1.0, c2.0), target, matrix)
    storePoints(weightsToPoints(c0.1, c1.1, c2.1), target + 6 * matrix, matrix)
    storePoints(weightsToPoints(c0.2, c1.2, c2.2), target + 12 * matrix, matrix)
    storePoints(weightsToPoints(c0.3, c1.3, c2.3), target + 18 * matrix, matrix)
    storePoints(weightsToPoints(c0.4, c1.4, c2.4), target + 24 * matrix, matrix)
    storePoints(weightsToPoints(c0.5, c1.5, c2.5), target + 30 * matrix, matrix)
  }

  /// Convolution by tiles; a unit is a block of tiles and a block of columns. The transformed tiles of a block serve all
  /// its columns that the same call computes.
  public static func winogradConvolution(
    _ a: WinogradConvolutionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let tilePlane = WinogradTiles.plane(tiles: a.blockTiles, channels: a.inputChannels)
    let productPlane = WinogradTiles.plane(tiles: a.blockTiles, channels: a.blockColumns)
    let tiles = scratch.assumingMemoryBound(to: Float.self)
    let products = tiles + WinogradTiles.positions * tilePlane
    let zeros = products + WinogradTiles.positions * productPlane
    let between = zeros + a.inputRow
    let matrix = PackArguments.packedCount(rows: a.inputChannels, columns: a.outputChannels)
    zeros.update(repeating: 0, count: a.inputRow)
    var transformed = -1
    for unit in units {
      let (tileBlock, columnBlock) = unit.quotientAndRemainder(dividingBy: a.columnBlocks)
      let first = tileBlock * a.blockTiles
      let count = min(a.blockTiles, a.tiles.count - first)
      if tileBlock != transformed {
        for tile in 0..<count {
          transformImageTile(
            a.tiles, a.x, tile: first + tile, upsamples: a.upsamples, channels: a.inputChannels, zeros: zeros,
            between: between, target: tiles + tile * a.inputRow, plane: tilePlane)
        }
        transformed = tileBlock
      }
      let column = columnBlock * a.blockColumns
      let columns = min(a.blockColumns, a.outputChannels - column)
      for position in 0..<WinogradTiles.positions {
        multiply(
          rows: count, columns: columns, a: tiles + position * tilePlane, aRow: a.inputRow, aColumn: 1,
          b: a.weights + position * matrix + column * a.inputChannels, bRow: panel, bPanel: a.inputChannels * panel,
          length: a.inputChannels, c: products + position * productPlane, cRow: a.outputRow, accumulate: false)
      }
      for tile in 0..<count {
        finishTile(
          a, tile: first + tile, columns: column..<column + columns, products: products + tile * a.outputRow - column,
          plane: productPlane, between: between)
      }
    }
  }

  /// Products of a tile to 4 x 4 pixels of the result, as far as they lie in the image.
  @inline(__always)
  static func finishTile(
    _ a: WinogradConvolutionArguments, tile: Int, columns: Range<Int>, products: UnsafePointer<Float>, plane: Int,
    between: UnsafeMutablePointer<Float>
  ) {
    if a.sumsBlocks {
      return finishBlocks(a, tile: tile, columns: columns, products: products, plane: plane, between: between)
    }
    let (image, place) = tile.quotientAndRemainder(dividingBy: a.tiles.high * a.tiles.wide)
    let (down, across) = place.quotientAndRemainder(dividingBy: a.tiles.wide)
    let (high, wide) = (min(4, a.tiles.height - 4 * down), min(4, a.tiles.width - 4 * across))
    let row = a.tiles.width * a.outputChannels
    let corner = ((image * a.tiles.height + 4 * down) * a.tiles.width + 4 * across) * a.outputChannels
    var channel = columns.lowerBound
    while channel < columns.upperBound {
      for j in 0..<6 {
        let m = products + j * plane + channel
        let y = pointsToResult(m, step: 6 * plane)
        store(y.0, between, j * lanes)
        store(y.1, between, (6 + j) * lanes)
        store(y.2, between, (12 + j) * lanes)
        store(y.3, between, (18 + j) * lanes)
      }
      let bias = a.bias.map { load($0, channel) } ?? Vector()
      for i in 0..<high {
        let y = pointsToResult(between + i * 6 * lanes, step: lanes)
        let offset = corner + i * row + channel
        finishPixel(a, y.0 + bias, offset)
        if wide > 1 { finishPixel(a, y.1 + bias, offset + a.outputChannels) }
        if wide > 2 { finishPixel(a, y.2 + bias, offset + 2 * a.outputChannels) }
        if wide > 3 { finishPixel(a, y.3 + bias, offset + 3 * a.outputChannels) }
      }
      channel += lanes
    }
  }

  /// Products of a tile to the sums over its 2 x 2 blocks, as far as they lie in the image.
  private static func finishBlocks(
    _ a: WinogradConvolutionArguments, tile: Int, columns: Range<Int>, products: UnsafePointer<Float>, plane: Int,
    between: UnsafeMutablePointer<Float>
  ) {
    let (image, place) = tile.quotientAndRemainder(dividingBy: a.tiles.high * a.tiles.wide)
    let (down, across) = place.quotientAndRemainder(dividingBy: a.tiles.wide)
    let (height, width) = (a.tiles.height / 2, a.tiles.width / 2)
    let (high, wide) = (min(2, height - 2 * down), min(2, width - 2 * across))
    let corner = ((image * height + 2 * down) * width + 2 * across) * a.outputChannels
    var channel = columns.lowerBound
    while channel < columns.upperBound {
      for j in 0..<6 {
        let m = products + j * plane + channel
        let y = pointsToResult(m, step: 6 * plane)
        store(y.0 + y.1, between, j * lanes)
        store(y.2 + y.3, between, (6 + j) * lanes)
      }
      let bias = a.bias.map { load($0, channel) } ?? Vector()
      for i in 0..<high {
        let y = pointsToResult(between + i * 6 * lanes, step: lanes)
        let offset = corner + i * width * a.outputChannels + channel
        finishPixel(a, (y.0 + y.1) + bias, offset)
        if wide > 1 { finishPixel(a, (y.2 + y.3) + bias, offset + a.outputChannels) }
      }
      channel += lanes
    }
  }

  @inline(__always)
  private static func finishPixel(_ a: WinogradConvolutionArguments, _ value: Vector, _ offset: Int) {
    var value = value
    if a.activation != .none { value = activate(a.activation, value) }
    if let residual = a.residual { value += load(residual, offset) }
    store(value, a.y, offset)
  }
}
