import IR

extension Reordering {
  /// At each step, of the operations whose operands are ready the one after which the fewest bytes are live; ties go to
  /// the one that makes the fewest bytes, then to the order as written.
  static func greedy(
    _ program: Program, _ dependencies: Dependencies, _ views: Views, _ workspaceByteCounts: [Int]
  ) -> [Int] {
    var growth = Growth(program, views)
    let created = growth.created
    var waiting = dependencies.predecessorCounts
    var ready = Heap()
    func add(_ position: Int) {
      ready.insert(
        Heap.Entry(
          growth: growth.byOperation[position], created: created[position] + workspaceByteCounts[position],
          position: position))
    }
    for position in program.operations.indices where waiting[position] == 0 { add(position) }
    var isDone = [Bool](repeating: false, count: program.operations.count)
    var order: [Int] = []
    order.reserveCapacity(program.operations.count)
    while let entry = ready.removeFirst() {
      let position = entry.position
      // An operation is added again when its growth shrinks; the older entry is stale.
      if isDone[position] || entry.growth != growth.byOperation[position] { continue }
      isDone[position] = true
      order.append(position)
      for lastUser in growth.finish(position, isDone) where waiting[lastUser] == 0 { add(lastUser) }
      for successor in dependencies.successors[position] {
        waiting[successor] -= 1
        if waiting[successor] == 0 { add(successor) }
      }
    }
    return order
  }
}

/// By how much live bytes change if an operation runs next.
private struct Growth {
  private(set) var byOperation: [Int]
  private(set) var created: [Int]
  private var owners: [[Int]]
  private var users: [[Int]]
  private var remaining: [Int]
  private let byteCount: [Int]

  init(_ program: Program, _ views: Views) {
    let count = program.values.count
    users = Array(repeating: [], count: count)
    byteCount = program.values.map { value in
      if case .symbol = value.origin { return 0 }
      return Plan.aligned(value.type.byteCount)
    }
    owners = program.operations.map { operation in
      var list: [Int] = []
      for operand in operation.operands {
        let owner = views.owner[operand.index].index
        if !list.contains(owner) { list.append(owner) }
      }
      return list
    }
    for (position, list) in owners.enumerated() { for owner in list { users[owner].append(position) } }
    remaining = users.map(\.count)
    // The end of the run is one more use, which never finishes.
    for port in program.outputs { remaining[views.owner[port.value.index].index] += 1 }
    created = Array(repeating: 0, count: program.operations.count)
    byOperation = created
    for (position, operation) in program.operations.enumerated() {
      if !views.isView[position] {
        for result in operation.results {
          created[position] += byteCount[result.index]
          // What nobody reads is gone after the operation.
          byOperation[position] += remaining[result.index] == 0 ? 0 : byteCount[result.index]
        }
      }
      for owner in owners[position] where remaining[owner] == 1 { byOperation[position] -= byteCount[owner] }
    }
  }

  /// Takes note that an operation has run. The operations whose growth has changed: they are now the last user of
  /// something.
  mutating func finish(_ position: Int, _ isDone: [Bool]) -> [Int] {
    var changed: [Int] = []
    for owner in owners[position] {
      remaining[owner] -= 1
      guard remaining[owner] == 1, byteCount[owner] > 0, let last = users[owner].first(where: { !isDone[$0] }) else {
        continue
      }
      byOperation[last] -= byteCount[owner]
      changed.append(last)
    }
    return changed
  }
}

/// A binary heap with the smallest entry first.
private struct Heap {
  struct Entry {
    var growth: Int
    var created: Int
    var position: Int

    static func < (a: Entry, b: Entry) -> Bool {
      (a.growth, a.created, a.position) < (b.growth, b.created, b.position)
    }
  }

  private var entries: [Entry] = []

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var index = entries.count - 1
    while index > 0, entries[index] < entries[(index - 1) / 2] {
      entries.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func removeFirst() -> Entry? {
    guard let first = entries.first else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var index = 0
    while true {
      var smallest = index
      for child in [2 * index + 1, 2 * index + 2] where child < entries.count && entries[child] < entries[smallest] {
        smallest = child
      }
      if smallest == index { return first }
      entries.swapAt(index, smallest)
      index = smallest
    }
  }
}
