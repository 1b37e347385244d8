import CPNGBridge
import Storage

/// Why a PNG cannot be read or written. Every case names the file.
public enum PNGError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file does not begin with PNG's signature.
  case notPNG(path: String)
  /// The file ends before its last chunk.
  case truncated(path: String)
  /// The header declares more pixels than the reader allows.
  case tooLarge(path: String, width: Int, height: Int, limit: Int)
  /// The picture needs more memory than there is.
  case outOfMemory(path: String)
  /// libpng refuses the file, in its own words.
  case invalid(path: String, reason: String)

  /// The file.
  public var path: String {
    switch self {
    case .notPNG(let path), .truncated(let path), .outOfMemory(let path): path
    case .tooLarge(let path, _, _, _): path
    case .invalid(let path, _): path
    }
  }

  /// One line: the file, and what is wrong with it.
  public var description: String {
    switch self {
    case .notPNG(let path): "\(path): not a PNG file"
    case .truncated(let path): "\(path): the PNG file is cut short"
    case .tooLarge(let path, let width, let height, let limit):
      "\(path): \(width) x \(height) pixels are more than the limit of \(limit)"
    case .outOfMemory(let path): "\(path): not enough memory for this picture"
    case .invalid(let path, let reason): "\(path): damaged PNG file (\(reason))"
    }
  }

  init(_ status: facet_png_status, path: String, message: String) {
    switch status {
    case FACET_PNG_NOT_PNG: self = .notPNG(path: path)
    case FACET_PNG_TRUNCATED: self = .truncated(path: path)
    case FACET_PNG_NO_MEMORY: self = .outOfMemory(path: path)
    default: self = .invalid(path: path, reason: message)
    }
  }
}

/// What a PNG's header says.
public struct PNGHeader: Equatable, Sendable {
  /// Pixels per row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Bits per stored sample: 1, 2, 4, 8 or 16.
  public let bitDepth: Int
  /// Whether it has an alpha channel or a transparent colour.
  public let isTransparent: Bool
  /// Whether it is stored in Adam7 passes.
  public let isInterlaced: Bool
}

/// Reads PNG files of every kind: 1 to 16 bits, gray, palette, RGB, alpha, transparent colour, interlaced.
///
/// Samples are taken as stored: 16 bits are rounded to 8, and gamma, chromaticity and colour profiles are ignored on purpose,
/// as the usual training pipelines do (all pictures are treated as sRGB). Transparency is composited on `background`.
public struct PNGReader: Sendable {
  /// The colour behind transparent pixels (a file's own bKGD is ignored); white unless changed.
  public var background: (red: UInt8, green: UInt8, blue: UInt8) = (255, 255, 255)
  /// Pictures with more pixels are refused before any memory is taken: about 3 bytes per pixel are needed, 7 for interlaced
  /// ones with alpha. 64 million unless changed.
  public var maximumPixels = 64_000_000
  /// Larger files are refused; 1 GiB unless changed.
  public var maximumFileBytes = 1 << 30

  /// A reader with the usual settings.
  public init() {}

  /// Reads a file.
  /// - Throws: `FileError` where it cannot be read, `PNGError` where it is not a whole, valid PNG within the limits.
  public func read(_ path: String) throws -> RGBImage {
    try decode(readWholeFile(path, maximumBytes: maximumFileBytes), path: path)
  }

  /// Reads what a file's header says; the pixels may still be damaged.
  /// - Throws: as `read`.
  public func header(_ path: String) throws -> PNGHeader {
    let info = try inspect(readWholeFile(path, maximumBytes: maximumFileBytes), path: path)
    return PNGHeader(
      width: Int(info.width), height: Int(info.height), bitDepth: Int(info.bit_depth),
      isTransparent: info.transparent != 0, isInterlaced: info.interlaced != 0)
  }

  /// Decodes the bytes of a file.
  /// - Parameter path: the name used in errors.
  /// - Throws: `PNGError`.
  public func decode(_ bytes: [UInt8], path: String) throws -> RGBImage {
    var info = try inspect(bytes, path: path)
    let width = Int(info.width)
    let height = Int(info.height)
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= maximumPixels else {
      throw PNGError.tooLarge(path: path, width: width, height: height, limit: maximumPixels)
    }
    let behind = [background.red, background.green, background.blue]
    let rgb = try [UInt8](unsafeUninitializedCapacity: pixels * 3) { buffer, count in
      let status = facet_png_decode(bytes, bytes.count, behind, buffer.baseAddress, &info)
      guard status == FACET_PNG_OK else { throw PNGError(status, path: path, message: info.text) }
      count = pixels * 3
    }
    return RGBImage(width: width, height: height, bytes: rgb)
  }

  private func inspect(_ bytes: [UInt8], path: String) throws(PNGError) -> facet_png_info {
    var info = facet_png_info()
    let status = facet_png_inspect(bytes, bytes.count, &info)
    guard status == FACET_PNG_OK else { throw PNGError(status, path: path, message: info.text) }
    return info
  }
}

extension facet_png_info {
  fileprivate var text: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
