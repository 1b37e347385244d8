import Foundation
import Imaging
import Storage
import TestSupport
import Testing

@Suite struct PNGReaderTests {
  /// A repeatable sample in `depth` bits that differs between neighbours and channels.
  private func noise(_ x: Int, _ y: Int, _ c: Int, depth: Int) -> Int {
    (x * 7919 + y * 104_729 + c * 1_299_709 + x * y * 31 + 17) % (1 << depth)
  }

  /// What 8 bits a sample of `depth` bits stands for: the nearest.
  private func eightBits(_ sample: Int, depth: Int) -> Int {
    Int((Double(sample) * 255 / Double((1 << depth) - 1)).rounded())
  }

  private func over(_ value: Int, alpha: Int, background: Int = 255) -> UInt8 {
    UInt8((Double(value * alpha + background * (255 - alpha)) / 255).rounded())
  }

  @Test(
    arguments: [
      (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (4, 8), (4, 16), (6, 8), (6, 16),
    ], [false, true])
  func everyColourTypeAndDepth(kind: (color: Int, depth: Int), interlaced: Bool) throws {
    let color = try #require(TinyPNG.Color(rawValue: kind.color))
    let depth = kind.depth
    for (width, height) in [(13, 9), (1, 1), (8, 3)] {
      let png = TinyPNG(width: width, height: height, color: color, depth: depth, interlaced: interlaced) {
        noise($0, $1, $2, depth: depth)
      }
      let image = try PNGReader().decode(png.bytes, path: "t.png")
      var expected: [UInt8] = []
      for y in 0..<height {
        for x in 0..<width {
          let samples = (0..<color.channels).map { eightBits(noise(x, y, $0, depth: depth), depth: depth) }
          switch color {
          case .gray: expected += Array(repeating: UInt8(samples[0]), count: 3)
          case .grayAlpha: expected += Array(repeating: over(samples[0], alpha: samples[1]), count: 3)
          case .rgb, .palette: expected += samples.map(UInt8.init)
          case .rgbAlpha: expected += samples[..<3].map { over($0, alpha: samples[3]) }
          }
        }
      }
      #expect(image == RGBImage(width: width, height: height, bytes: expected))
    }
  }

  @Test(arguments: [1, 2, 4, 8], [false, true])
  func palettesWithAndWithoutTransparency(depth: Int, interlaced: Bool) throws {
    let entries = 1 << depth
    let palette = (0..<entries * 3).map { UInt8(($0 * 83 + 5) % 256) }
    let alphas = (0..<entries / 2 + 1).map { UInt8(($0 * 57 + 3) % 256) }
    for transparent in [false, true] {
      var png = TinyPNG(width: 11, height: 7, color: .palette, depth: depth, interlaced: interlaced) { x, y, _ in
        (x + 3 * y) % entries
      }
      png.extra = [("PLTE", palette)] + (transparent ? [("tRNS", alphas)] : [])
      let image = try PNGReader().decode(png.bytes, path: "t.png")
      for y in 0..<7 {
        for x in 0..<11 {
          let entry = (x + 3 * y) % entries
          // Entries past the end of tRNS are opaque.
          let alpha = transparent && entry < alphas.count ? Int(alphas[entry]) : 255
          for c in 0..<3 {
            #expect(image.bytes[(y * 11 + x) * 3 + c] == over(Int(palette[entry * 3 + c]), alpha: alpha))
          }
        }
      }
    }
  }

  @Test func aTransparentColourBecomesTheBackground() throws {
    var gray = TinyPNG(width: 4, height: 1, color: .gray, depth: 2) { x, _, _ in x }
    gray.extra = [("tRNS", [0, 2])]
    #expect(
      try PNGReader().decode(gray.bytes, path: "g").bytes == [0, 0, 0, 85, 85, 85, 255, 255, 255, 255, 255, 255])

    var reader = PNGReader()
    reader.background = (10, 20, 30)
    #expect(try reader.decode(gray.bytes, path: "g").bytes == [0, 0, 0, 85, 85, 85, 10, 20, 30, 255, 255, 255])

    var rgb = TinyPNG(width: 2, height: 1, color: .rgb, depth: 16) { x, _, c in x * 0x1234 + c }
    rgb.extra = [("tRNS", [0x12, 0x34, 0x12, 0x35, 0x12, 0x36])]
    #expect(try reader.decode(rgb.bytes, path: "c").bytes == [0, 0, 0, 10, 20, 30])
  }

  @Test func gammaAndBackgroundChunksChangeNothing() throws {
    let plain = TinyPNG(width: 6, height: 2, color: .rgbAlpha, depth: 8) { noise($0, $1, $2, depth: 8) }
    var tagged = plain
    tagged.extra = [("gAMA", bigEndian(100_000)), ("bKGD", [0, 1, 0, 2, 0, 3]), ("tEXt", Array("a\u{0}b".utf8))]
    let reader = PNGReader()
    #expect(try reader.decode(plain.bytes, path: "p") == reader.decode(tagged.bytes, path: "t"))
  }

  @Test func theHeaderIsReadAlone() throws {
    let folder = try TemporaryFolder()
    let png = TinyPNG(width: 5, height: 3, color: .gray, depth: 4, interlaced: true) { _, _, _ in 1 }
    let header = try PNGReader().header(folder.write(png.bytes, "a.png"))
    #expect(header.width == 5 && header.height == 3 && header.bitDepth == 4)
    #expect(header.isInterlaced && !header.isTransparent)
  }
}

@Suite struct PNGErrorTests {
  private let sound = TinyPNG(width: 9, height: 9, color: .rgbAlpha, depth: 8) { x, y, c in (x * 31 + y * 7 + c) & 255 }

  @Test func otherFilesAreNotPNG() throws {
    let folder = try TemporaryFolder()
    for content in [[], Array("GIF89a, surely not a PNG".utf8), [0x89, 0x50]] as [[UInt8]] {
      let path = try folder.write(content, "a.png")
      #expect(throws: PNGError.notPNG(path: path)) { _ = try PNGReader().read(path) }
    }
    #expect(throws: FileError.self) { _ = try PNGReader().read(folder.file("absent.png")) }
    #expect(throws: FileError.self) { _ = try PNGReader().read(folder.path) }
  }

  @Test func everyTruncationIsAnError() {
    let bytes = sound.bytes
    for count in 8..<bytes.count {
      #expect(throws: PNGError.truncated(path: "cut.png")) {
        _ = try PNGReader().decode(Array(bytes[..<count]), path: "cut.png")
      }
    }
  }

  @Test func damageIsReportedInTheWordsOfLibpng() throws {
    var chunks = sound.chunks
    let header = chunks[0].data
    let faults: [([UInt8], String)] = [
      (bigEndian(0) + header[4...], "Invalid IHDR data"),
      (header[..<8] + [3] + header[9...], "Invalid IHDR data"),
      (header[..<9] + [5] + header[10...], "Invalid IHDR data"),
      (header[..<8] + [1] + header[9...], "Invalid IHDR data"),
    ]
    for (fault, words) in faults {
      chunks[0].data = fault
      #expect(throws: PNGError.invalid(path: "d.png", reason: words)) {
        _ = try PNGReader().decode(TinyPNG.assemble(chunks), path: "d.png")
      }
    }
    var crc = sound.bytes
    crc[20] ^= 1
    #expect(throws: PNGError.invalid(path: "d.png", reason: "IHDR: CRC error")) {
      _ = try PNGReader().decode(crc, path: "d.png")
    }
    let palette = TinyPNG(width: 3, height: 3, color: .palette, depth: 8) { _, _, _ in 0 }
    let error = #expect(throws: PNGError.self) { _ = try PNGReader().decode(palette.bytes, path: "d.png") }
    #expect(error?.description == "d.png: damaged PNG file (IDAT: Missing PLTE before IDAT)")
  }

  @Test func hugeDeclaredSizesAreRefusedBeforeMemoryIsTaken() {
    for (width, height) in [(13_000, 13_000), (0x7FFF_FFFF, 0x7FFF_FFFF)] {
      var chunks = sound.chunks
      chunks[0].data = bigEndian(width) + bigEndian(height) + chunks[0].data[8...]
      let limit = PNGReader().maximumPixels
      #expect(throws: PNGError.tooLarge(path: "h.png", width: width, height: height, limit: limit)) {
        _ = try PNGReader().decode(TinyPNG.assemble(chunks), path: "h.png")
      }
    }
    var reader = PNGReader()
    reader.maximumPixels = 80
    let error = #expect(throws: PNGError.self) { _ = try reader.decode(sound.bytes, path: "h.png") }
    #expect(error?.description == "h.png: 9 x 9 pixels are more than the limit of 80")
    reader.maximumPixels = 81
    #expect(throws: Never.self) { _ = try reader.decode(sound.bytes, path: "h.png") }
  }

  @Test func largeFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(sound.bytes, "a.png")
    var reader = PNGReader()
    reader.maximumFileBytes = 100
    #expect(throws: FileError.self) { _ = try reader.read(path) }
  }

  @Test func noiseInAFileNeverCrashes() {
    var noise = RandomTensors(seed: 11)
    var refused = 0
    for round in 0..<4000 {
      var png = sound
      png.interlaced = round % 2 == 0
      // Half of the rounds damage chunks and mend their checksums, so that the damage gets past the first test.
      var bytes: [UInt8]
      if round % 4 < 2 {
        bytes = png.bytes
        for _ in 0..<Int.random(in: 1...8, using: &noise) {
          bytes[Int.random(in: 8..<bytes.count, using: &noise)] = UInt8.random(in: 0 ... .max, using: &noise)
        }
      } else {
        var chunks = png.chunks
        let index = Int.random(in: 0..<3, using: &noise)
        for _ in 0..<3 where !chunks[index].data.isEmpty {
          let place = Int.random(in: 0..<min(chunks[index].data.count, 13), using: &noise)
          chunks[index].data[place] = UInt8.random(in: 0 ... .max, using: &noise)
        }
        bytes = TinyPNG.assemble(chunks)
      }
      do {
        let image = try PNGReader().decode(bytes, path: "noise.png")
        #expect(image.bytes.count == image.width * image.height * 3)
      } catch {
        #expect((error as? PNGError)?.path == "noise.png")
        refused += 1
      }
    }
    #expect(refused > 2000)
  }
}

@Suite struct PNGWriterTests {
  @Test(arguments: [(1, 1), (64, 64), (257, 3), (3, 300)])
  func whatIsWrittenReadsBack(width: Int, height: Int) throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7 + $0 / 300) }
    let image = RGBImage(width: width, height: height, bytes: bytes)
    for compression in [0, 6, 9, 99] {
      try PNGWriter.write(image, to: folder.file("a.png"), compression: compression)
      #expect(try PNGReader().read(folder.file("a.png")) == image)
    }
    #expect(try folder.names() == ["a.png"])
  }

  @Test func anUnwritablePathIsAnError() {
    let image = RGBImage(width: 1, height: 1, bytes: [1, 2, 3])
    let error = #expect(throws: FileError.self) { try PNGWriter.write(image, to: "/absent/a.png") }
    #expect(error?.path == "/absent/a.png")
  }
}

@Suite struct SampleConversionTests {
  @Test func allBytesSurviveTheRoundTrip() {
    let image = RGBImage(width: 256, height: 1, bytes: (0..<256).flatMap { [UInt8($0), 0, 255] })
    let floats = image.image
    #expect(floats.pixels.min() == -1 && floats.pixels.max() == 1)
    #expect(floats.rgb == image)
  }

  @Test func valuesOutsideAreClamped() {
    let image = Image(width: 2, height: 1, pixels: [-1.5, 7, .infinity, -.infinity, .nan, 0])
    #expect(image.rgb.bytes == [0, 255, 255, 0, 0, 128])
  }
}
