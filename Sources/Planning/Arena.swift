/// Offsets for buffers so that no two that live at the same time share bytes.
///
/// Finding the smallest arena is the dynamic storage allocation problem, which is NP-hard. Several greedy orders are
/// tried: buffers are placed one by one into a gap left by those already placed that live at the same time. The
/// smallest arena is then improved by placing the buffers that reach its top earlier. The effort is bounded by
/// counted steps, not by time, so that a program always gets the same plan.
struct Arena {
  private(set) var offsets: [Int]
  private(set) var byteCount: Int
  /// How the offsets were found.
  private(set) var strategy: String

  /// - Parameters:
  ///   - buffers: What is to be placed.
  ///   - lowerBound: The peak of live bytes; the search stops within a thousandth of it.
  ///   - effort: Number of comparisons of two buffers after which no new attempt is made.
  init(_ buffers: [Buffer], lowerBound: Int, effort: Int = 10_000_000) {
    offsets = []
    byteCount = .max
    strategy = "none"
    var packer = Packer(buffers)
    var bestOrder: [Int] = []
    let enough = lowerBound + lowerBound / 1000
    let orders = Self.orders(buffers)
    attempts: for fit in [Packer.Fit.lowest, .tightest] {
      for (name, order) in orders {
        if byteCount <= enough || (packer.steps > effort && !offsets.isEmpty) { break attempts }
        guard let total = packer.place(order, fit, below: byteCount) else { continue }
        (offsets, byteCount, strategy, bestOrder) = (packer.offsets, total, "\(fit.rawValue) \(name)", order)
      }
    }
    guard !buffers.isEmpty else {
      byteCount = 0
      return
    }
    improve(&packer, buffers, bestOrder, enough, 2 * effort)
  }

  private static func orders(_ buffers: [Buffer]) -> [(String, [Int])] {
    let all = Array(buffers.indices)
    func life(_ index: Int) -> Int { buffers[index].end - buffers[index].start + 1 }
    func sorted(_ key: (Int) -> Int) -> [Int] {
      let keys = all.map(key)
      return all.sorted { (keys[$0], $1) > (keys[$1], $0) }
    }
    return [
      ("by start", sorted { -buffers[$0].start }),
      ("by size", sorted { buffers[$0].byteCount }),
      ("by life", sorted(life)),
      ("by size times life", sorted { buffers[$0].byteCount * life($0) }),
      ("by end", sorted { buffers[$0].end }),
    ]
  }

  /// Moves the buffers at the top of the arena to the front of the order and packs again, as long as it helps.
  private mutating func improve(
    _ packer: inout Packer, _ buffers: [Buffer], _ start: [Int], _ enough: Int, _ effort: Int
  ) {
    var order = start
    var current = offsets
    var failures = 0
    while byteCount > enough && failures < 100 && packer.steps < effort {
      let top = current.indices.reduce(0) { max($0, current[$1] + buffers[$1].byteCount) }
      let raised = order.filter { current[$0] + buffers[$0].byteCount == top }
      order = raised + order.filter { current[$0] + buffers[$0].byteCount != top }
      if let total = packer.place(order, .lowest, below: byteCount) {
        (offsets, byteCount, failures) = (packer.offsets, total, 0)
        strategy = strategy.hasSuffix("improved") ? strategy : strategy + ", improved"
      } else {
        failures += 1
      }
      current = packer.offsets
    }
  }
}
