import IR

/// Zero padding of an image in pixels.
public struct Padding: Hashable, Sendable {
  /// Rows above.
  public var top: Int
  /// Columns on the left.
  public var left: Int
  /// Rows below.
  public var bottom: Int
  /// Columns on the right.
  public var right: Int

  /// A padding of four widths.
  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// The same width on all sides.
  public init(all width: Int) { self.init(top: width, left: width, bottom: width, right: width) }

  init(_ list: [Int]) throws(OpError) {
    guard list.count == 4, list.allSatisfy({ $0 >= 0 }) else {
      throw OpError("pad must be [top, left, bottom, right], none negative")
    }
    self.init(top: list[0], left: list[1], bottom: list[2], right: list[3])
  }

  var list: [Int] { [top, left, bottom, right] }

  /// Output extents of a convolution; throws where extents, window or stride make none. An image that is upsampled has
  /// twice the given extents.
  func output(
    height: Int, width: Int, kernel: (Int, Int), stride: Int, upsample: Bool
  ) throws(OpError) -> (Int, Int) {
    let all = list + [height, width, kernel.0, kernel.1]
    // Far beyond any image, and far from where sums overflow.
    try ShapeRule.require(stride >= 1 && all.allSatisfy { $0 >= 0 && $0 < 1 << 40 }, "no image has such extents")
    try ShapeRule.require(!upsample || stride == 1, "an upsampled image is convolved with stride 1")
    let scale = upsample ? 2 : 1
    let (rows, columns) = (scale * height + top + bottom, scale * width + left + right)
    try ShapeRule.require(rows >= kernel.0 && columns >= kernel.1, "the window is larger than the padded image")
    return ((rows - kernel.0) / stride + 1, (columns - kernel.1) / stride + 1)
  }
}
