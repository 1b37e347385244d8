import Foundation

/// Zeroed memory aligned to a cache line, with slack past the end that vector loads may touch.
public final class AlignedBuffer: @unchecked Sendable {
  /// First byte.
  public let base: UnsafeMutableRawPointer
  /// Usable bytes.
  public let byteCount: Int
  /// What the memory is part of; nil for the heap's.
  private let region: PageRegion?

  /// Bytes past the end that may be read.
  static let slack = 512
  /// Bytes from which a buffer has pages of its own.
  static let pagedByteCount = 1 << 20

  /// Allocates and clears.
  public init(byteCount: Int) {
    self.byteCount = byteCount
    let total = byteCount + Self.slack
    if byteCount >= Self.pagedByteCount {
      let region = PageRegion(byteCount: total)
      (self.region, base) = (region, region.base)
    } else {
      (region, base) = (nil, .allocate(byteCount: total, alignment: 64))
    }
    memset(base, 0, total)
  }

  /// Takes memory of a region, which lives as long as the last buffer in it; nil where too little is left.
  init?(byteCount: Int, in region: PageRegion) {
    guard let base = region.take(byteCount + Self.slack) else { return nil }
    self.byteCount = byteCount
    self.base = base
    self.region = region
    memset(base, 0, byteCount + Self.slack)
  }

  deinit { if region == nil { base.deallocate() } }
}
