import KernelInterface

/// Rows of pixels that a tile reads; rows beyond the image are rows of zeros.
private struct TileRows {
  /// Pixel 0 of each row.
  var row: InlineArray<6, UnsafePointer<Float>>
  /// Elements between pixels; 0 where the row is a row of zeros.
  var step: InlineArray<6, Int>
  /// First column.
  var column: Int
  /// Columns of the image.
  var width: Int
  /// 1 where each pixel of the image stands for a 2 x 2 block, otherwise 0.
  var shift: Int

  /// `count` rows from `offset` pixels above and left of the tile's corner.
  @inline(__always)
  init(
    _ tiles: WinogradTiles, _ images: UnsafePointer<Float>, tile: Int, count: Int, offset: Int, upsamples: Bool,
    channels: Int, zeros: UnsafePointer<Float>
  ) {
    let (image, place) = tile.quotientAndRemainder(dividingBy: tiles.high * tiles.wide)
    let (down, across) = place.quotientAndRemainder(dividingBy: tiles.wide)
    row = InlineArray(repeating: zeros)
    step = InlineArray(repeating: 0)
    shift = upsamples ? 1 : 0
    for i in 0..<count {
      let y = 4 * down + i - offset
      if y >= 0 && y < tiles.height {
        row[i] = images + (image * (tiles.height >> shift) + (y >> shift)) * (tiles.width >> shift) * channels
        step[i] = channels
      }
    }
    column = 4 * across - offset
    width = tiles.width
  }

  /// Whether the image has a column.
  @inline(__always)
  func has(_ j: Int) -> Bool { column + j >= 0 && column + j < width }

  @inline(__always)
  func pixel(_ i: Int, _ j: Int, _ channel: Int) -> Vector {
    load(row[i] + ((column + j) >> shift) * step[i] + channel)
  }
}

/// Transforms the 6 x 6 pixels that a tile of the result depends on: position p goes to `target + p * plane`.
@inline(__always)
func transformImageTile(
  _ tiles: WinogradTiles, _ images: UnsafePointer<Float>, tile: Int, upsamples: Bool, channels: Int,
  zeros: UnsafePointer<Float>, between: UnsafeMutablePointer<Float>, target: UnsafeMutablePointer<Float>, plane: Int
) {
  let rows = TileRows(
    tiles, images, tile: tile, count: 6, offset: 1, upsamples: upsamples, channels: channels, zeros: zeros)
  var channel = 0
  while channel < channels {
    for j in 0..<6 {
      var points: AtPoints = (Vector(), Vector(), Vector(), Vector(), Vector(), Vector())
      if rows.has(j) {
        points = imageToPoints(
          rows.pixel(0, j, channel), rows.pixel(1, j, channel), rows.pixel(2, j, channel), rows.pixel(3, j, channel),
          rows.pixel(4, j, channel), rows.pixel(5, j, channel))
      }
      storePoints(points, between + j * lanes, 6 * lanes)
    }
    for i in 0..<6 {
      let line = UnsafePointer(between + i * 6 * lanes)
      storePoints(
        imageToPoints(
          load(line), load(line, lanes), load(line, 2 * lanes), load(line, 3 * lanes), load(line, 4 * lanes),
          load(line, 5 * lanes)),
        target + i * 6 * plane + channel, plane)
    }
    channel += lanes
  }
}

/// Transforms the 4 x 4 pixels of a tile of the gradient of the result, and adds them to `sums` by channel.
@inline(__always)
func transformGradientTile(
  _ tiles: WinogradTiles, _ gradients: UnsafePointer<Float>, tile: Int, channels: Int, zeros: UnsafePointer<Float>,
  between: UnsafeMutablePointer<Float>, target: UnsafeMutablePointer<Float>,
  sums: UnsafeMutablePointer<Float>?, plane: Int
) {
  let rows = TileRows(
    tiles, gradients, tile: tile, count: 4, offset: 0, upsamples: false, channels: channels, zeros: zeros)
  var channel = 0
  while channel < channels {
    var sum = Vector()
    for j in 0..<4 {
      var points: AtPoints = (Vector(), Vector(), Vector(), Vector(), Vector(), Vector())
      if rows.has(j) {
        let (p0, p1) = (rows.pixel(0, j, channel), rows.pixel(1, j, channel))
        let (p2, p3) = (rows.pixel(2, j, channel), rows.pixel(3, j, channel))
        points = resultToPoints(p0, p1, p2, p3)
        sum += (p0 + p1) + (p2 + p3)
      }
      storePoints(points, between + j * lanes, 4 * lanes)
    }
    for i in 0..<6 {
      let line = UnsafePointer(between + i * 4 * lanes)
      storePoints(
        resultToPoints(load(line), load(line, lanes), load(line, 2 * lanes), load(line, 3 * lanes)),
        target + i * 6 * plane + channel, plane)
    }
    if let sums { store(load(sums, channel) + sum, sums, channel) }
    channel += lanes
  }
}

@inline(__always)
func storePoints(_ points: AtPoints, _ target: UnsafeMutablePointer<Float>, _ stride: Int) {
  store(points.0, target)
  store(points.1, target, stride)
  store(points.2, target, 2 * stride)
  store(points.3, target, 3 * stride)
  store(points.4, target, 4 * stride)
  store(points.5, target, 5 * stride)
}
