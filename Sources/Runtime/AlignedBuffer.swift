import Foundation

/// Zeroed memory aligned to a cache line, with slack past the end that vector loads may touch.
public final class AlignedBuffer: @unchecked Sendable {
  /// First byte.
  public let base: UnsafeMutableRawPointer
  /// Usable bytes.
  public let byteCount: Int

  /// Bytes past the end that may be read.
  static let slack = 512

  /// Allocates and clears.
  public init(byteCount: Int) {
    self.byteCount = byteCount
    let total = (byteCount + Self.slack + 63) / 64 * 64
    base = .allocate(byteCount: total, alignment: 64)
    memset(base, 0, total)
  }

  deinit { base.deallocate() }
}
