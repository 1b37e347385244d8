// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  /// Transforms tiles of an image and of the gradient of a result; a unit is a few tiles.
  public static func winogradGradientTiles(
    _ a: WinogradGradientTilesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let zeros = scratch.assumingMemoryBound(to: Float.self)
    let zeroCount = max(a.inputChannels, a.outputChannels) + 16
    let between = zeros + zeroCount
    zeros.update(repeating: 0, count: zeroCount)
    let (imageRow, gradientRow) = (
      a.inputChannels + WinogradTiles.rowPadding, a.outputChannels + WinogradTiles.rowPadding
    )
    for unit in units {
      let first = unit * WinogradGradientTilesArguments.blockTiles
      let sums = a.sums.map { $0 + unit * a.outputChannels }
      sums?.update(repeating: 0, count: a.outputChannels)
      for tile in first..<min(a.tileCount, first + WinogradGradientTilesArguments.blockTiles) {
        transformImageTile(
          a.tiles, a.x, tile: a.firstTile + tile, upsamples: a.upsamples, channels: a.inputChannels, zeros: zeros,
          between: between, target: a.imageTiles + tile * imageRow,
          plane: WinogradTiles.plane(tiles: a.tileCount, channels: a.inputChannels))
        transformGradientTile(
          a.tiles, a.dy, tile: a.firstTile + tile, channels: a.outputChannels, zeros: zeros, between: between,
          target: a.gradientTiles + tile * gradientRow, sums: sums,
          plane: WinogradTiles.plane(tiles: a.tileCount, channels: a.outputChannels))
      }
    }
  }

  /// Adds gradient tiles^T image tiles; a unit is a position.
  public static func winogradGradientProduct(_ a: WinogradGradientProductArguments, _ units: Range<Int>) {
    let (imageRow, gradientRow) = (
      a.inputChannels + WinogradTiles.rowPadding, a.outputChannels + WinogradTiles.rowPadding
    )
    let imagePlane = WinogradTiles.plane(tiles: a.tileCount, channels: a.inputChannels)
    let gradientPlane = WinogradTiles.plane(tiles: a.tileCount, channels: a.outputChannels)
    for position in units {
      multiply(
        rows: a.outputChannels, columns: a.inputChannels, a: a.gradientTiles + position * gradientPlane, aRow: 1,
        aColumn: gradientRow, b: a.imageTiles + position * imagePlane, bRow: imageRow, bPanel: panel,
        length: a.tileCount, c: a.products + position * a.outputChannels * a.inputChannels,
        cRow: a.inputChannels, accumulate: a.accumulates)
    }
  }

  /// Transforms the sums back to weights; a unit is some output channels.
  public static func winogradGradientFinish(_ a: WinogradGradientFinishArguments, _ units: Range<Int>) {
    let plane = a.outputChannels * a.inputChannels
    for unit in units {
      let first = unit * WinogradGradientFinishArguments.blockChannels
      for output in first..<min(a.outputChannels, first + WinogradGradientFinishArguments.blockChannels) {
        let target = a.target + output * 9 * a.inputChannels
        var channel = 0
        while channel < a.inputChannels {
          finishWeights(
            a.products + output * a.inputChannels + channel, plane: plane, target: target + channel,
            tap: a.inputChannels)
          channel += lanes
        }
      }
    }
  }

  /// 36 positions, `plane` apart, to nine taps, `tap` apart.
  @inline(__always)
  private static func finishWeights(
    _ u: UnsafePointer<Float>, plane: Int, target: UnsafeMutablePointer<Float>, tap: Int
  ) {
    let r0 = rowToWeights(u, plane)
    let r1 = rowToWeights(u + 6 * plane, plane)
    let r2 = rowToWeights(u + 12 * plane, plane)
    let r3 = rowToWeights(u + 18 * plane, plane)
    let r4 = rowToWeights(u + 24 * plane, plane)
    let r5 = rowToWeights(u + 30 * plane, plane)
    storeTaps(pointsToWeights(r0.0, r1.0, r2.0, r3.0, r4.0, r5.0), target, tap)
    storeTaps(pointsToWeights(r0.1, r1.1, r2.1, r3.1, r4.1, r5.1), target + tap, tap)
    storeTaps(pointsToWeights(r0.2, r1.2, r2.2, r3.2, r4.2, r5.2), target + 2 * tap, tap)
  }

  @inline(__always)
  private static func rowToWeights(_ u: UnsafePointer<Float>, _ plane: Int) -> (Vector, Vector, Vector) {
    pointsToWeights(
      load(u), load(u, plane), load(u, 2 * plane), load(u, 3 * plane), load(u, 4 * plane), load(u, 5 * plane))
  }

  /// A column of taps.
  @inline(__always)
  private static func storeTaps(
    _ taps: (Vector, Vector, Vector), _ target: UnsafeMutablePointer<Float>, _ tap: Int
  ) {
    store(taps.0, target)
    store(taps.1, target, 3 * tap)
    store(taps.2, target, 6 * tap)
  }
}
