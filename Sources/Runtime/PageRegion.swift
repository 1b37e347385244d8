import Foundation

/// Memory straight from the system, in pages of 2 MiB where it offers them. A kernel that streams through pages of 4 KiB
/// is stopped at each by the translation of addresses and by prefetching that ends there, and reads at a fraction of the
/// machine's speed.
final class PageRegion: @unchecked Sendable {
  /// Size and alignment of a large page.
  static let pageByteCount = 2 << 20

  /// First byte, aligned to a large page.
  let base: UnsafeMutableRawPointer
  /// Bytes.
  let byteCount: Int
  private var used = 0

  /// Maps zeroed memory; what is never touched takes no memory. Ends the process where the system has none left.
  init(byteCount: Int) {
    let small = Int(sysconf(Int32(_SC_PAGESIZE)))
    self.byteCount = (max(1, byteCount) + small - 1) / small * small
    let mapped = self.byteCount + Self.pageByteCount
    guard let start = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), start != MAP_FAILED
    else { fatalError("out of memory: \(byteCount) bytes cannot be mapped") }
    let lead = (Self.pageByteCount - Int(bitPattern: start) % Self.pageByteCount) % Self.pageByteCount
    base = start + lead
    // Exactly what was asked for stays mapped, so that a large page never adds memory past the end.
    if lead > 0 { munmap(start, lead) }
    if lead < Self.pageByteCount { munmap(base + self.byteCount, Self.pageByteCount - lead) }
    #if os(Linux)
      madvise(base, self.byteCount, MADV_HUGEPAGE)
    #endif
  }

  deinit { munmap(base, byteCount) }

  /// The next bytes of the region, aligned to a cache line; nil where too few are left.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let start = (used + 63) / 64 * 64
    guard start + byteCount <= self.byteCount else { return nil }
    used = start + byteCount
    return base + start
  }
}
