/// Builds PNG files sample by sample, without libpng and without compression, so that what the reader must give is known
/// from the format's definition alone. Any chunk can be left out, damaged or added.
struct TinyPNG {
  enum Color: Int {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgbAlpha = 6

    var channels: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgbAlpha: 4
      }
    }
  }

  var width: Int
  var height: Int
  var color: Color
  var depth: Int
  var interlaced = false
  /// Chunks between the header and the pixels: PLTE, tRNS, gAMA...
  var extra: [(type: String, data: [UInt8])] = []
  /// The sample of channel c at (x, y), in `depth` bits.
  var sample: (_ x: Int, _ y: Int, _ c: Int) -> Int

  var chunks: [(type: String, data: [UInt8])] {
    let header = bigEndian(width) + bigEndian(height) + [UInt8(depth), UInt8(color.rawValue), 0, 0, interlaced ? 1 : 0]
    return [("IHDR", header)] + extra + [("IDAT", stored(scanlines())), ("IEND", [])]
  }

  var bytes: [UInt8] { TinyPNG.assemble(chunks) }

  static func assemble(_ chunks: [(type: String, data: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    for chunk in chunks {
      let body = Array(chunk.type.utf8) + chunk.data
      bytes += bigEndian(chunk.data.count) + body + bigEndian(Int(crc32(body)))
    }
    return bytes
  }

  private func scanlines() -> [UInt8] {
    guard interlaced else { return pass(x0: 0, y0: 0, dx: 1, dy: 1) }
    // Adam7: origin and step of each pass.
    let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return passes.flatMap { pass(x0: $0.0, y0: $0.1, dx: $0.2, dy: $0.3) }
  }

  private func pass(x0: Int, y0: Int, dx: Int, dy: Int) -> [UInt8] {
    guard x0 < width else { return [] }
    var bytes: [UInt8] = []
    for y in stride(from: y0, to: height, by: dy) {
      bytes.append(0)  // no filter
      var bits = 0
      var pending = 0
      for x in stride(from: x0, to: width, by: dx) {
        for c in 0..<color.channels {
          pending = pending << depth | sample(x, y, c)
          bits += depth
          while bits >= 8 {
            bits -= 8
            bytes.append(UInt8(pending >> bits & 0xFF))
            pending &= (1 << bits) - 1
          }
        }
      }
      if bits > 0 { bytes.append(UInt8(pending << (8 - bits) & 0xFF)) }
    }
    return bytes
  }
}

func bigEndian(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }

func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
  }
  return crc ^ 0xFFFF_FFFF
}

/// A zlib stream of one stored block (at most 65,535 bytes).
func stored(_ bytes: [UInt8]) -> [UInt8] {
  var a = 1
  var b = 0
  for byte in bytes {
    a = (a + Int(byte)) % 65521
    b = (b + a) % 65521
  }
  let count = bytes.count
  let length = [UInt8(count & 0xFF), UInt8(count >> 8)]
  return [0x78, 0x01, 0x01] + length + length.map { ~$0 } + bytes + bigEndian(b << 16 | a)
}
