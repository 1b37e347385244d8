import CPNGBridge
import Storage

/// Writes 8-bit RGB PNG files, atomically.
public enum PNGWriter {
  /// Writes a picture.
  /// - Parameter compression: zlib's level, 0 (fastest) to 9 (smallest); values outside are clamped.
  /// - Throws: `FileError` where the file cannot be written, `PNGError` where libpng fails.
  public static func write(_ image: RGBImage, to path: String, compression: Int = 6) throws {
    try AtomicFile.write(encode(image, compression: compression, path: path), to: path)
  }

  /// Writes a picture in [-1, 1], rounded to 8 bits.
  /// - Throws: as above.
  public static func write(_ image: Image, to path: String, compression: Int = 6) throws {
    try write(image.rgb, to: path, compression: compression)
  }

  /// The bytes of a PNG file.
  /// - Parameter path: the name used in errors.
  /// - Throws: `PNGError`.
  public static func encode(_ image: RGBImage, compression: Int = 6, path: String = "image") throws -> [UInt8] {
    guard let width = UInt32(exactly: image.width), let height = UInt32(exactly: image.height) else {
      throw PNGError.invalid(path: path, reason: "sides beyond what PNG can hold")
    }
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message = [CChar](repeating: 0, count: Int(FACET_PNG_MESSAGE_SIZE))
    let status = facet_png_encode(
      image.bytes, width, height, Int32(min(max(compression, 0), 9)), &encoded, &count, &message)
    guard status == FACET_PNG_OK, let encoded else {
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw PNGError(status, path: path, message: String(decoding: text, as: UTF8.self))
    }
    defer { facet_png_free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }
}
