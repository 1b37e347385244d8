import Imaging

/// Noise by formula, so that other programs can make the same picture: (7919x + 104729y + 1299709c + 31xy + 17) mod 256.
func noisePicture(_ width: Int, _ height: Int) -> RGBImage {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for c in 0..<3 { bytes.append(UInt8((x * 7919 + y * 104_729 + c * 1_299_709 + x * y * 31 + 17) % 256)) }
    }
  }
  return RGBImage(width: width, height: height, bytes: bytes)
}

extension Image {
  /// One channel on 0...255.
  func channel(_ c: Int) -> [Float] { (0..<width * height).map { (pixels[$0 * 3 + c] + 1) * 127.5 } }

  func pixel(_ x: Int, _ y: Int) -> ArraySlice<Float> {
    let start = (y * width + x) * 3
    return pixels[start..<start + 3]
  }

  func window(left: Int, top: Int, width: Int, height: Int) -> Image {
    var samples: [Float] = []
    for y in top..<top + height {
      for x in left..<left + width { samples += pixel(x, y) }
    }
    return Image(width: width, height: height, pixels: samples)
  }

  var mirrored: Image {
    var samples: [Float] = []
    for y in 0..<height {
      for x in (0..<width).reversed() { samples += pixel(x, y) }
    }
    return Image(width: width, height: height, pixels: samples)
  }
}
