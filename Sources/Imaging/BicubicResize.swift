/// Separable bicubic resampling (Keys 1981, a = -1/2), with the kernel widened by the scale where the picture shrinks, so that
/// nothing aliases; pixels beyond the edge have no weight. Weights and edges agree with Pillow's BICUBIC; sums are f32 and
/// are clamped once, at the end, where Pillow rounds to 8 bits after each axis.
///
/// Only the window asked for is computed: first the rows that it needs are resampled along x, then along y.
struct BicubicResize {
  let source: RGBImage
  /// The size of the whole resampled picture.
  let width: Int
  let height: Int

  /// Writes a window of the resampled picture.
  /// - Parameters:
  ///   - window: the window's place and size; it lies inside the resampled picture.
  ///   - mirrored: swaps left and right.
  ///   - output: `window.height * window.width * 3` samples, in [-1, 1].
  func write(_ window: PixelWindow, mirrored: Bool, into output: UnsafeMutableBufferPointer<Float>) {
    precondition(output.count == window.width * window.height * 3, "the output does not fit the window")
    precondition(
      window.left >= 0 && window.top >= 0 && window.left + window.width <= width
        && window.top + window.height <= height,
      "the window leaves the picture")
    let columns = AxisTaps(from: source.width, to: width, window: window.left..<window.left + window.width)
    let rows = AxisTaps(from: source.height, to: height, window: window.top..<window.top + window.height)
    let span = rows.span
    let rowLength = window.width * 3
    withUnsafeTemporaryAllocation(of: Float.self, capacity: span.count * rowLength) { scratch in
      source.bytes.withUnsafeBufferPointer { bytes in
        for y in span {
          resampleRow(
            UnsafeBufferPointer(rebasing: bytes[y * source.width * 3..<(y + 1) * source.width * 3]), columns, mirrored,
            into: UnsafeMutableBufferPointer(
              rebasing: scratch[(y - span.lowerBound) * rowLength..<(y - span.lowerBound + 1) * rowLength]))
        }
      }
      for y in 0..<window.height {
        let target = UnsafeMutableBufferPointer(rebasing: output[y * rowLength..<(y + 1) * rowLength])
        target.update(repeating: 0)
        for tap in 0..<rows.counts[y] {
          let weight = rows.weights[y * rows.width + tap]
          let start = (rows.starts[y] + tap - span.lowerBound) * rowLength
          for index in 0..<rowLength { target[index] += weight * scratch[start + index] }
        }
        for index in 0..<rowLength {
          let sample = target[index] * (2 / 255) - 1
          target[index] = sample < -1 ? -1 : (sample > 1 ? 1 : sample)
        }
      }
    }
  }

  private func resampleRow(
    _ row: UnsafeBufferPointer<UInt8>, _ columns: AxisTaps, _ mirrored: Bool,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    let count = columns.starts.count
    for x in 0..<count {
      var red: Float = 0
      var green: Float = 0
      var blue: Float = 0
      var place = columns.starts[x] * 3
      for tap in 0..<columns.counts[x] {
        let weight = columns.weights[x * columns.width + tap]
        red += weight * Float(row[place])
        green += weight * Float(row[place + 1])
        blue += weight * Float(row[place + 2])
        place += 3
      }
      let target = (mirrored ? count - 1 - x : x) * 3
      output[target] = red
      output[target + 1] = green
      output[target + 2] = blue
    }
  }
}

/// A rectangle of pixels.
struct PixelWindow: Equatable {
  var left: Int
  var top: Int
  var width: Int
  var height: Int
}

/// Which source pixels make each pixel of a window on one axis, and with what weight.
private struct AxisTaps {
  /// Per output pixel: the first source pixel, and how many.
  let starts: [Int]
  let counts: [Int]
  /// Weights per output pixel.
  let width: Int
  /// `width` weights per output pixel, of which `counts` are used; they sum to 1.
  let weights: [Float]

  /// All source pixels that the window touches.
  var span: Range<Int> {
    // Starts and ends both grow with the place.
    guard let first = starts.first, let last = starts.last, let count = counts.last else { return 0..<0 }
    return first..<last + count
  }

  init(from old: Int, to new: Int, window: Range<Int>) {
    let scale = Double(old) / Double(new)
    let stretch = max(scale, 1)
    let support = 2 * stretch
    width = Int(support.rounded(.up)) * 2 + 1
    var starts: [Int] = []
    var counts: [Int] = []
    var weights = [Float](repeating: 0, count: window.count * width)
    for (index, place) in window.enumerated() {
      let center = (Double(place) + 0.5) * scale
      let first = max(Int((center - support + 0.5).rounded(.towardZero)), 0)
      let end = min(Int((center + support + 0.5).rounded(.towardZero)), old)
      let values = (first..<end).map { keysKernel((Double($0) + 0.5 - center) / stretch) }
      let sum = values.reduce(0, +)
      for (tap, value) in values.enumerated() { weights[index * width + tap] = Float(value / sum) }
      starts.append(first)
      counts.append(end - first)
    }
    self.starts = starts
    self.counts = counts
    self.weights = weights
  }
}

/// Keys' cubic convolution kernel with a = -1/2.
private func keysKernel(_ offset: Double) -> Double {
  let x = abs(offset)
  if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
  if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
  return 0
}

extension RGBImage {
  /// The whole picture at another size, in [-1, 1].
  /// - Precondition: both sides at least 1.
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(newWidth > 0 && newHeight > 0, "a side has at least one pixel")
    let pixels = [Float](unsafeUninitializedCapacity: newWidth * newHeight * 3) { buffer, count in
      let whole = PixelWindow(left: 0, top: 0, width: newWidth, height: newHeight)
      count = newWidth * newHeight * 3
      BicubicResize(source: self, width: newWidth, height: newHeight).write(
        whole, mirrored: false, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
    }
    return Image(width: newWidth, height: newHeight, pixels: pixels)
  }
}
