import Foundation
import KernelInterface

/// Floats that end where an inaccessible page begins: a kernel that reads or writes past the end stops the test.
final class GuardedBuffer {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int

  /// `alignment` in elements; a workspace needs 16, everything else only that of Float.
  init(count: Int, alignment: Int = 1) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let used = Partition.roundUp(count, alignment) * 4
    let inside = max(page, Partition.roundUp(used, page))
    let address = mmap(nil, inside + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED, mprotect(address + inside, page, PROT_NONE) == 0 else {
      preconditionFailure("no memory for a test of \(count) elements")
    }
    base = address
    byteCount = inside + page
    self.count = count
    pointer = (address + inside - used).assumingMemoryBound(to: Float.self)
    // What a kernel forgets to write stays NaN.
    pointer.update(repeating: .nan, count: count)
  }

  convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for (i, value) in values.enumerated() { pointer[i] = value }
  }

  deinit { munmap(base, byteCount) }

  var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

/// Numbers in [-1, 1), the same on every run.
struct TestNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(Int32(truncatingIfNeeded: next() >> 20)) * 0x1p-31 }
  }
}
