// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  /// Transforms tiles of images; a unit is a few tiles.
  public static func winogradImageTiles(
    _ a: WinogradImageTilesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let zeros = scratch.assumingMemoryBound(to: Float.self)
    let between = zeros + a.channels + 16
    zeros.update(repeating: 0, count: a.channels + 16)
    let plane = WinogradTiles.plane(tiles: a.tiles.count, channels: a.channels)
    for unit in units {
      let first = unit * WinogradImageTilesArguments.blockTiles
      for tile in first..<min(a.tiles.count, first + WinogradImageTilesArguments.blockTiles) {
        transformImageTile(
          a.tiles, a.x, tile: tile, upsamples: a.upsamples, channels: a.channels, zeros: zeros, between: between,
          target: a.target + tile * (a.channels + WinogradTiles.rowPadding), plane: plane)
      }
    }
  }

  /// Convolution of few tiles; a unit is as many columns as the widest panel.
  public static func winogradFewTiles(
    _ a: WinogradFewTilesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let c = a.convolution
    let weights = scratch.assumingMemoryBound(to: Float.self)
    let products = weights + WinogradTiles.positions * a.weightPlane
    let between = products + WinogradTiles.positions * a.productPlane
    let imagePlane = WinogradTiles.plane(tiles: c.tiles.count, channels: c.inputChannels)
    for unit in units {
      let column = unit * panelWidth
      let columns = min(panelWidth, c.outputChannels - column)
      var row = 0
      while row < c.inputChannels {
        let rows = min(a.blockRows, c.inputChannels - row)
        transformBlock(a, rows: row..<row + rows, columns: column..<column + columns, target: weights)
        for position in 0..<WinogradTiles.positions {
          multiply(
            rows: c.tiles.count, columns: columns, a: a.imageTiles + position * imagePlane + row, aRow: c.inputRow,
            aColumn: 1, b: weights + position * a.weightPlane, bRow: panel, bPanel: rows * panel, length: rows,
            c: products + position * a.productPlane, cRow: a.productRow, accumulate: row > 0)
        }
        row += rows
      }
      for tile in 0..<c.tiles.count {
        finishTile(
          c, tile: tile, columns: column..<column + columns, products: products + tile * a.productRow - column,
          plane: a.productPlane, between: between)
      }
    }
  }

  /// Transforms some rows of some columns of packed weights, panel after panel.
  @inline(__always)
  private static func transformBlock(
    _ a: WinogradFewTilesArguments, rows: Range<Int>, columns: Range<Int>, target: UnsafeMutablePointer<Float>
  ) {
    let depth = a.convolution.inputChannels
    var target = target
    var column = columns.lowerBound
    while column < columns.upperBound {
      let source = a.convolution.weights + column * 9 * depth
      for row in rows {
        for half in stride(from: 0, to: panel, by: lanes) {
          transformWeights(
            source + row * panel + half, tap: depth * panel, target: target + half, matrix: a.weightPlane)
        }
        target += panel
      }
      column += panel
    }
  }
}
