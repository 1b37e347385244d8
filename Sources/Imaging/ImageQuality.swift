import Foundation

/// Why two pictures cannot be compared.
public enum ImageQualityError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The pictures have different numbers of samples, or none, or not those of their sides.
  case sizesDiffer(Int, Int)
  /// SSIM needs its whole window inside the picture.
  case tooSmall(width: Int, height: Int)

  /// One line.
  public var description: String {
    switch self {
    case .sizesDiffer(let a, let b): "pictures of \(a) and \(b) samples cannot be compared"
    case .tooSmall(let width, let height): "\(width) x \(height) pixels are too few for SSIM's window of 11 x 11"
    }
  }
}

/// Measures of a reconstruction against its original. Samples are given in [-1, 1], clamped to it, and compared on [0, 1]
/// (data range 1), without rounding to 8 bits. A NaN gives NaN.
public enum ImageQuality {
  /// Peak signal-to-noise ratio in decibels, from the mean squared error over all samples; infinite for equal pictures.
  /// - Throws: `ImageQualityError.sizesDiffer`.
  public static func psnr(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) throws(ImageQualityError)
    -> Double
  {
    guard a.count == b.count, !a.isEmpty else { throw .sizesDiffer(a.count, b.count) }
    var sum = 0.0
    for index in 0..<a.count {
      let difference = unit(a[index]) - unit(b[index])
      sum += difference * difference
    }
    return -10 * log10(sum / Double(a.count))
  }

  /// Structural similarity (Wang et al. 2004): Gaussian window 11 x 11 with sigma 1.5, K1 = 0.01, K2 = 0.03, population
  /// covariances, the mean over all positions where the window lies inside the picture and over the three channels.
  /// - Parameters:
  ///   - a: `height * width * 3` samples, interleaved.
  ///   - b: as many.
  /// - Throws: `ImageQualityError`.
  public static func ssim(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, width: Int, height: Int
  ) throws(ImageQualityError) -> Double {
    guard a.count == b.count, a.count == width * height * 3 else { throw .sizesDiffer(a.count, b.count) }
    guard width >= window.count, height >= window.count else { throw .tooSmall(width: width, height: height) }
    var sum = 0.0
    for channel in 0..<3 {
      let x = (0..<width * height).map { unit(a[$0 * 3 + channel]) }
      let y = (0..<width * height).map { unit(b[$0 * 3 + channel]) }
      let meanX = blurred(x, width: width, height: height)
      let meanY = blurred(y, width: width, height: height)
      let meanXX = blurred(zip(x, x).map(*), width: width, height: height)
      let meanYY = blurred(zip(y, y).map(*), width: width, height: height)
      let meanXY = blurred(zip(x, y).map(*), width: width, height: height)
      var channelSum = 0.0
      for index in 0..<meanX.count {
        let product = meanX[index] * meanY[index]
        let squares = meanX[index] * meanX[index] + meanY[index] * meanY[index]
        let similarity =
          (2 * product + c1) * (2 * (meanXY[index] - product) + c2)
          / ((squares + c1) * (meanXX[index] + meanYY[index] - squares + c2))
        channelSum += similarity
      }
      sum += channelSum / Double(meanX.count)
    }
    return sum / 3
  }

  /// Peak signal-to-noise ratio of two pictures.
  public static func psnr(_ a: Image, _ b: Image) throws(ImageQualityError) -> Double {
    guard a.width == b.width, a.height == b.height else { throw .sizesDiffer(a.pixels.count, b.pixels.count) }
    return try a.pixels.withUnsafeBufferPointer { a in
      b.pixels.withUnsafeBufferPointer { b in Result { () throws(ImageQualityError) in try psnr(a, b) } }
    }.get()
  }

  /// Structural similarity of two pictures.
  public static func ssim(_ a: Image, _ b: Image) throws(ImageQualityError) -> Double {
    guard a.width == b.width, a.height == b.height else { throw .sizesDiffer(a.pixels.count, b.pixels.count) }
    return try a.pixels.withUnsafeBufferPointer { first in
      b.pixels.withUnsafeBufferPointer { second in
        Result { () throws(ImageQualityError) in try ssim(first, second, width: a.width, height: a.height) }
      }
    }.get()
  }

  private static let c1 = 0.01 * 0.01
  private static let c2 = 0.03 * 0.03

  private static let window: [Double] = {
    let raw = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }()

  /// A sample of [-1, 1] on [0, 1], clamped; comparisons let NaN through.
  private static func unit(_ sample: Float) -> Double {
    let value = (Double(sample) + 1) / 2
    return value < 0 ? 0 : (value > 1 ? 1 : value)
  }

  /// The window's mean at each position where it fits: `(height - 10) * (width - 10)` values.
  private static func blurred(_ plane: [Double], width: Int, height: Int) -> [Double] {
    let innerWidth = width - window.count + 1
    let innerHeight = height - window.count + 1
    var rows = [Double](repeating: 0, count: innerWidth * height)
    for y in 0..<height {
      for (tap, weight) in window.enumerated() {
        for x in 0..<innerWidth { rows[y * innerWidth + x] += weight * plane[y * width + x + tap] }
      }
    }
    var result = [Double](repeating: 0, count: innerWidth * innerHeight)
    for y in 0..<innerHeight {
      for (tap, weight) in window.enumerated() {
        for x in 0..<innerWidth { result[y * innerWidth + x] += weight * rows[(y + tap) * innerWidth + x] }
      }
    }
    return result
  }
}
