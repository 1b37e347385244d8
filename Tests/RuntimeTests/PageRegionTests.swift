import Foundation
import Testing

@testable import Runtime

@Suite struct PageRegionTests {
  @Test func buffersOfARegionAreApartAlignedAndZero() {
    let region = PageRegion(byteCount: 3 << 20)
    #expect(Int(bitPattern: region.base) % PageRegion.pageByteCount == 0)
    var buffers: [AlignedBuffer] = []
    for byteCount in [1, 100, 4096, 1 << 20] {
      guard let buffer = AlignedBuffer(byteCount: byteCount, in: region) else { continue }
      #expect(Int(bitPattern: buffer.base) % 64 == 0)
      #expect(UnsafeRawBufferPointer(start: buffer.base, count: byteCount + AlignedBuffer.slack).allSatisfy { $0 == 0 })
      memset(buffer.base, 0xff, byteCount + AlignedBuffer.slack)
      buffers.append(buffer)
    }
    #expect(buffers.count == 4)
    #expect(AlignedBuffer(byteCount: 2 << 20, in: region) == nil, "more than is left")
    for (first, second) in zip(buffers, buffers.dropFirst()) {
      #expect(first.base + first.byteCount + AlignedBuffer.slack <= second.base)
    }
  }

  /// A region lives as long as its last buffer, and a buffer of its own covers its slack.
  @Test func memoryOutlivesTheRegionsName() throws {
    let buffer = try #require(AlignedBuffer(byteCount: 1 << 20, in: PageRegion(byteCount: 2 << 20)))
    memset(buffer.base, 1, buffer.byteCount)
    let large = AlignedBuffer(byteCount: AlignedBuffer.pagedByteCount)
    memset(large.base, 1, large.byteCount + AlignedBuffer.slack)
    let small = AlignedBuffer(byteCount: 5)
    memset(small.base, 1, small.byteCount + AlignedBuffer.slack)
    #expect(buffer.base.load(as: UInt8.self) == 1 && large.base.load(as: UInt8.self) == 1)
    #expect(Int(bitPattern: small.base) % 64 == 0)
  }
}
