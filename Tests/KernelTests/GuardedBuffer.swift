import Foundation
import KernelInterface

/// Elements between a canary and an inaccessible page: a kernel must neither change the one nor touch the other.
final class GuardedBuffer<Element: BitwiseCopyable> {
  private static var fence: Int { 64 }
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int
  private let canary: Element
  /// Number of elements.
  let count: Int
  /// The first element.
  let pointer: UnsafeMutablePointer<Element>

  /// `alignment` in elements; a workspace needs 16, everything else only that of its elements.
  init(count: Int, filledWith canary: Element, alignment: Int = 1) {
    self.count = count
    self.canary = canary
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let used = (Partition.roundUp(count, alignment) + Self.fence) * MemoryLayout<Element>.stride
    let inside = Partition.roundUp(used, page)
    byteCount = inside + page
    let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED, mprotect(address + inside, page, PROT_NONE) == 0 else {
      preconditionFailure("no memory for a test of \(count) elements")
    }
    memory = address
    let fence = (address + inside - used).bindMemory(to: Element.self, capacity: count + Self.fence)
    fence.initialize(repeating: canary, count: count + Self.fence)
    pointer = fence + Self.fence
  }

  convenience init(_ values: [Element], canary: Element) {
    self.init(count: values.count, filledWith: canary)
    for (index, value) in values.enumerated() { pointer[index] = value }
  }

  deinit { munmap(memory, byteCount) }

  var values: [Element] { (0..<count).map { pointer[$0] } }

  var canaryIsIntact: Bool {
    var expected = [Element](repeating: canary, count: Self.fence)
    return memcmp(pointer - Self.fence, &expected, Self.fence * MemoryLayout<Element>.stride) == 0
  }
}

extension GuardedBuffer<Float> {
  /// What a kernel forgets to write stays NaN.
  convenience init(count: Int, alignment: Int = 1) { self.init(count: count, filledWith: .nan, alignment: alignment) }

  convenience init(_ values: [Float]) { self.init(values, canary: .nan) }
}
