/// A picture as stored: 8-bit RGB, interleaved, row by row from the top left.
public struct RGBImage: Equatable, Sendable {
  /// Pixels per row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// `height * width * 3` samples.
  public private(set) var bytes: [UInt8]

  /// - Precondition: sides of at least 1 and `height * width * 3` bytes.
  public init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(width > 0 && height > 0 && bytes.count == width * height * 3, "the bytes do not fit the sides")
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// The shorter side, in pixels.
  public var shorterSide: Int { min(width, height) }

  /// The samples in [-1, 1]: 0 becomes -1 and 255 becomes 1.
  public var image: Image {
    let pixels = [Float](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      for (index, byte) in bytes.enumerated() { buffer[index] = floatSample(byte) }
      count = bytes.count
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}

/// A picture as models see it: f32 RGB in [-1, 1], interleaved (height, width, channel).
public struct Image: Equatable, Sendable {
  /// Pixels per row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// `height * width * 3` samples; nominally in [-1, 1], a model's output may overshoot.
  public var pixels: [Float]

  /// - Precondition: sides of at least 1 and `height * width * 3` samples.
  public init(width: Int, height: Int, pixels: [Float]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * 3, "the samples do not fit the sides")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour, given by its samples in [-1, 1].
  public init(width: Int, height: Int, red: Float, green: Float, blue: Float) {
    let row = (0..<width).flatMap { _ in [red, green, blue] }
    self.init(width: width, height: height, pixels: (0..<height).flatMap { _ in row })
  }

  /// The samples rounded to 8 bits; values outside [-1, 1] are clamped and NaN becomes black.
  public var rgb: RGBImage {
    let bytes = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
      for (index, sample) in pixels.enumerated() { buffer[index] = byteSample(sample) }
      count = pixels.count
    }
    return RGBImage(width: width, height: height, bytes: bytes)
  }
}

/// An 8-bit sample in [-1, 1].
@inline(__always) func floatSample(_ byte: UInt8) -> Float { Float(byte) * (2 / 255) - 1 }

/// A sample of [-1, 1] in 8 bits, clamped.
@inline(__always) func byteSample(_ sample: Float) -> UInt8 {
  let scaled = (sample + 1) * 127.5
  // NaN fails both comparisons and ends as 0.
  return scaled > 0 ? (scaled < 254.5 ? UInt8(scaled + 0.5) : 255) : 0
}
