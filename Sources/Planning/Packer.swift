/// Places buffers in a given order, each into a gap between those placed before that live at the same time.
struct Packer {
  /// Which gap is taken.
  enum Fit: String {
    /// The one with the lowest address.
    case lowest = "first fit"
    /// The one that leaves the fewest bytes over.
    case tightest = "best fit"
  }

  /// What a sweep needs of a placed buffer, side by side in memory.
  private struct Placed {
    var offset: Int
    var top: Int
    var start: Int
    var end: Int
  }

  private let buffers: [Buffer]
  private var byLife: LifeIndex
  /// All placed buffers, the lowest first.
  private var byOffset: [Placed] = []
  /// The start of each buffer in bytes after the last attempt.
  private(set) var offsets: [Int]
  /// Buffers looked at so far, in all attempts.
  private(set) var steps = 0

  init(_ buffers: [Buffer]) {
    self.buffers = buffers
    byLife = LifeIndex(buffers)
    offsets = Array(repeating: 0, count: buffers.count)
  }

  /// The bytes needed, or nil if they would not be below the limit. `offsets` is complete either way.
  mutating func place(_ order: [Int], _ fit: Fit, below limit: Int) -> Int? {
    byLife.removeAll()
    byOffset.removeAll(keepingCapacity: true)
    var total = 0
    // In order of start, buffers that have ended are never met again.
    let forgets = zip(order, order.dropFirst()).allSatisfy { buffers[$0].start <= buffers[$1].start }
    for (count, index) in order.enumerated() {
      if forgets && count % 32 == 31 {
        let now = buffers[index].start
        byOffset.removeAll { $0.end < now }
      }
      let offset = forgets ? sweep(byOffset, buffers[index], fit) : gap(for: buffers[index], fit)
      offsets[index] = offset
      total = max(total, offset + buffers[index].byteCount)
      if !forgets { byLife.insert(index, buffers[index]) }
      byOffset.insert(placed(index), at: position(of: offset))
    }
    return total < limit ? total : nil
  }

  private mutating func gap(for buffer: Buffer, _ fit: Fit) -> Int {
    // A few neighbours are sorted; if there are many, going through all buffers in order of offset is faster.
    if let neighbours = byLife.overlapping(buffer, buffers, atMost: 8 + byOffset.count / 16, &steps) {
      return sweep(neighbours.map { placed(Int($0)) }.sorted { $0.offset < $1.offset }, buffer, fit)
    }
    return sweep(byOffset, buffer, fit)
  }

  private func placed(_ index: Int) -> Placed {
    let buffer = buffers[index]
    let offset = offsets[index]
    return Placed(offset: offset, top: offset + buffer.byteCount, start: buffer.start, end: buffer.end)
  }

  private mutating func sweep(_ others: [Placed], _ buffer: Buffer, _ fit: Fit) -> Int {
    var top = 0
    var best = (offset: -1, slack: Int.max)
    var visited = others.count
    others.withUnsafeBufferPointer { others in
      for (position, other) in others.enumerated() where other.start <= buffer.end && buffer.start <= other.end {
        let slack = other.offset - top - buffer.byteCount
        if slack >= 0 && slack < best.slack {
          best = (top, slack)
          if fit == .lowest || slack == 0 {
            visited = position + 1
            break
          }
        }
        top = max(top, other.top)
      }
    }
    steps += visited
    return best.offset >= 0 ? best.offset : top
  }

  private func position(of offset: Int) -> Int {
    var (low, high) = (0, byOffset.count)
    while low < high {
      let middle = (low + high) / 2
      if byOffset[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Finds the buffers that live at the same time as a given one. Time is cut into stretches of several lengths; a buffer
/// is listed where its life touches two stretches at most.
private struct LifeIndex {
  /// By length of stretch, then by stretch.
  private var lists: [[[Int32]]] = []

  init(_ buffers: [Buffer]) {
    let end = buffers.map(\.end).max() ?? 0
    var level = 0
    repeat {
      lists.append(Array(repeating: [], count: Self.stretch(end, level) + 1))
      level += 1
    } while lists[level - 1].count > 2
  }

  private static func stretch(_ moment: Int, _ level: Int) -> Int { moment >> (4 + 2 * level) }

  private static func level(_ buffer: Buffer) -> Int {
    var level = 0
    while stretch(buffer.end, level) - stretch(buffer.start, level) > 1 { level += 1 }
    return level
  }

  mutating func removeAll() {
    for level in lists.indices {
      for stretch in lists[level].indices { lists[level][stretch].removeAll(keepingCapacity: true) }
    }
  }

  mutating func insert(_ index: Int, _ buffer: Buffer) {
    let level = Self.level(buffer)
    for stretch in Self.stretch(buffer.start, level)...Self.stretch(buffer.end, level) {
      lists[level][stretch].append(Int32(truncatingIfNeeded: index))
    }
  }

  /// Those listed whose life overlaps, or nil if finding them takes more than so many steps.
  func overlapping(_ buffer: Buffer, _ buffers: [Buffer], atMost limit: Int, _ steps: inout Int) -> [Int32]? {
    var found: [Int32] = []
    let start = steps
    for level in lists.indices {
      let first = Self.stretch(buffer.start, level)
      let last = Self.stretch(buffer.end, level)
      for stretch in first...last {
        steps += 1 + lists[level][stretch].count
        if steps - start > 8 * limit { return nil }
        for index in lists[level][stretch] {
          let other = buffers[Int(index)]
          // A buffer listed twice counts where it is met first.
          guard other.start <= buffer.end, buffer.start <= other.end,
            stretch == max(first, Self.stretch(other.start, level))
          else { continue }
          found.append(index)
          if found.count > limit { return nil }
        }
      }
    }
    return found
  }
}
