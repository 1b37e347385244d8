/// Gives buffers offsets in one arena so that no two overlap while both are in use.
///
/// Greedy best fit after Pisarchyk and Lee (2020): buffers are placed in a fixed order, each into the smallest gap
/// between those already placed that live at the same time. Several orders are tried and the smallest arena kept.
struct Arena {
  static let alignment = 64

  var offsets: [Int]
  var byteCount: Int

  init(_ buffers: [Liveness.Buffer]) {
    let indices = Array(buffers.indices)
    let orders: [[Int]] = [
      indices.sorted { (buffers[$0].byteCount, -$0) > (buffers[$1].byteCount, -$1) },
      indices.sorted { a, b in
        let (la, lb) = (buffers[a].end - buffers[a].start, buffers[b].end - buffers[b].start)
        return (la, buffers[a].byteCount, -a) > (lb, buffers[b].byteCount, -b)
      },
      indices.sorted { a, b in
        let (wa, wb) = (Self.area(buffers[a]), Self.area(buffers[b]))
        return (wa, -a) > (wb, -b)
      },
    ]
    offsets = []
    byteCount = .max
    for order in orders {
      let (offsets, size) = Self.place(buffers, order)
      if size < byteCount {
        self.offsets = offsets
        byteCount = size
      }
    }
  }

  private static func area(_ buffer: Liveness.Buffer) -> Int { buffer.byteCount * (buffer.end - buffer.start + 1) }

  static func rounded(_ byteCount: Int) -> Int { (byteCount + alignment - 1) / alignment * alignment }

  private static func place(_ buffers: [Liveness.Buffer], _ order: [Int]) -> ([Int], Int) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []  // by offset
    placed.reserveCapacity(buffers.count)
    var size = 0
    for index in order {
      let buffer = buffers[index]
      let need = rounded(buffer.byteCount)
      var (best, bestGap) = (-1, Int.max)
      var front = 0
      for other in placed where buffers[other].start <= buffer.end && buffer.start <= buffers[other].end {
        let gap = offsets[other] - front
        if gap >= need && gap < bestGap { (best, bestGap) = (front, gap) }
        front = max(front, offsets[other] + rounded(buffers[other].byteCount))
      }
      let offset = best >= 0 ? best : front
      offsets[index] = offset
      size = max(size, offset + need)
      var (low, high) = (0, placed.count)
      while low < high {
        let middle = (low + high) / 2
        if offsets[placed[middle]] < offset { low = middle + 1 } else { high = middle }
      }
      placed.insert(index, at: low)
    }
    return (offsets, size)
  }
}
