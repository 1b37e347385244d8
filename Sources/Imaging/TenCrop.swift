/// The ten views of a picture from which a generator's codes are extracted: the centre and the four corners of its central
/// square, then the same five mirrored.
public struct TenCrop: Equatable, Sendable {
  /// The side of each view.
  public let size: Int
  /// The side of the central square that the views are cut from: `size * range`, rounded down.
  public let squareSide: Int
  /// Number of views.
  public static let count = 10

  /// - Parameter range: how much larger the central square is, 1.1 usually; it is at least 1.
  public init(size: Int, range: Double = 1.1) {
    precondition(size > 0 && range >= 1, "a view lies inside the square")
    self.size = size
    // The small addition keeps an exact product such as 1.1 * 70 = 77 from falling to 76.
    squareSide = Int((Double(size) * range + 1e-9).rounded(.down))
  }

  /// Writes the views one after another: centre, top left, top right, bottom left, bottom right, and these mirrored.
  /// - Parameter output: `10 * size * size * 3` samples, in [-1, 1].
  public func write(_ source: RGBImage, into output: UnsafeMutableBufferPointer<Float>) {
    let viewCount = size * size * 3
    precondition(output.count == TenCrop.count * viewCount, "the output holds ten views")
    let square = SquareCrop.center(source, size: squareSide)
    let far = squareSide - size
    let corners = [(far / 2, far / 2), (0, 0), (0, far), (far, 0), (far, far)]
    for (index, (top, left)) in corners.enumerated() {
      for y in 0..<size {
        let from = ((top + y) * squareSide + left) * 3
        let plain = index * viewCount + y * size * 3
        let mirrored = plain + 5 * viewCount
        for x in 0..<size {
          for c in 0..<3 {
            let sample = square.pixels[from + x * 3 + c]
            output[plain + x * 3 + c] = sample
            output[mirrored + (size - 1 - x) * 3 + c] = sample
          }
        }
      }
    }
  }

  /// The views as pictures, in the order of `write`.
  public func views(_ source: RGBImage) -> [Image] {
    let viewCount = size * size * 3
    var samples = [Float](repeating: 0, count: TenCrop.count * viewCount)
    samples.withUnsafeMutableBufferPointer { write(source, into: $0) }
    return (0..<TenCrop.count).map {
      Image(width: size, height: size, pixels: Array(samples[$0 * viewCount..<($0 + 1) * viewCount]))
    }
  }
}
