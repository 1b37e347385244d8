import IR
import Ops

/// Checks a plan by following which value every byte of the arena holds, operation by operation. It knows nothing of
/// how the plan was made: no lifetimes, no buffers.
public enum PlanVerifier {
  /// Checks that every operand still holds its value when it is read and every output at the end; that an operation
  /// overwrites none of its operands except where its op allows it; that views are where their operand is; that
  /// offsets are aligned and inside the arena.
  public static func verify(_ plan: Plan) throws(PlanError) {
    var walk = try Walk(plan)
    for position in plan.program.operations.indices { try walk.step(position) }
    for port in plan.program.outputs { try walk.read(port.value, "output \(port.name)") }
  }
}

private struct Walk {
  let plan: Plan
  var bytes = ArenaContents()
  /// By value: what its bytes hold; the index of the value that was written there.
  var content: [Int]
  /// By symbol: how many times it was updated.
  var updates: [Int]
  /// By value: for slices of symbols, the number of updates at the time of slicing.
  var slicedAt: [Int: Int] = [:]

  init(_ plan: Plan) throws(PlanError) {
    self.plan = plan
    content = Array(plan.program.values.indices)
    updates = Array(repeating: 0, count: plan.program.symbols.count)
    let count = plan.program.operations.count
    guard plan.locations.count == plan.program.values.count, plan.workspaces.count == count,
      plan.workspaceByteCounts.count == count, plan.isView.count == count
    else { throw fail("tables of wrong length") }
    do { try plan.program.verify() } catch { throw fail("\(error)") }
    for (position, use) in plan.program.symbols.enumerated() {
      guard plan.location(of: use.value) == Location(storage: .symbol(position)) else {
        throw fail("@\(use.symbol.name) is not in its own storage")
      }
    }
    for port in plan.program.inputs {
      let range = try arenaRange(port.value, "input %\(port.name)")
      guard !bytes.holdsAnything(in: range) else { throw fail("input %\(port.name) overlaps another") }
      bytes.write(port.value.index, to: range)
    }
  }

  func fail(_ reason: String) -> PlanError { PlanError("@\(plan.program.name): \(reason)") }

  func location(_ value: ValueID, _ place: String) throws(PlanError) -> Location {
    guard let location = plan.location(of: value) else { throw fail("\(place): a value has no location") }
    return location
  }

  /// The bytes of a value in the arena, checked to be inside it and aligned.
  func range(_ value: ValueID, _ place: String) throws(PlanError) -> Range<Int>? {
    let location = try location(value, place)
    let type = plan.program.type(of: value)
    guard location.byteOffset >= 0, location.byteOffset % Plan.alignment == 0 else {
      throw fail("\(place): byte offset \(location.byteOffset) is not aligned")
    }
    switch location.storage {
    case .symbol(let index):
      guard plan.program.symbols.indices.contains(index),
        location.byteOffset + type.byteCount <= plan.program.symbols[index].symbol.type.byteCount
      else { throw fail("\(place): a value lies outside its symbol") }
      return nil
    case .arena(let offset):
      let start = offset + location.byteOffset
      guard offset >= 0, offset % Plan.alignment == 0 else { throw fail("\(place): offset \(offset) is not aligned") }
      guard start + type.byteCount <= plan.arenaByteCount else {
        throw fail("\(place): a value lies outside the arena")
      }
      return start..<start + type.byteCount
    }
  }

  func arenaRange(_ value: ValueID, _ place: String) throws(PlanError) -> Range<Int> {
    guard let range = try range(value, place) else { throw fail("\(place): written into a symbol") }
    return range
  }

  func read(_ value: ValueID, _ place: String) throws(PlanError) {
    if let range = try range(value, place) {
      guard bytes.hold(content[value.index], in: range) else {
        throw fail("\(place): the bytes of a value were overwritten before it was read")
      }
    } else if let version = slicedAt[value.index], case .symbol(let index) = try location(value, place).storage,
      updates[index] != version
    {
      throw fail("\(place): a slice of @\(plan.program.symbols[index].symbol.name) is read after an update")
    }
  }

  mutating func step(_ position: Int) throws(PlanError) {
    let operation = plan.program.operations[position]
    let place = "operation \(position) \(operation.op.mnemonic) in '\(operation.scope)'"
    for operand in operation.operands { try read(operand, place) }
    if plan.isView[position] { return try view(operation, place) }

    var writes: [Range<Int>] = []
    for result in operation.results { writes.append(try arenaRange(result, place)) }
    if let offset = plan.workspaces[position] {
      let range = offset..<offset + plan.workspaceByteCounts[position]
      guard offset >= 0, offset % Plan.alignment == 0, range.upperBound <= plan.arenaByteCount else {
        throw fail("\(place): the workspace is not aligned or outside the arena")
      }
      writes.append(range)
    } else if plan.workspaceByteCounts[position] > 0 {
      throw fail("\(place): the workspace has no place")
    }
    let ordered = writes.sorted { $0.lowerBound < $1.lowerBound }
    for (one, next) in zip(ordered, ordered.dropFirst()) where one.overlaps(next) {
      throw fail("\(place): results or workspace overlap")
    }
    for (index, operand) in operation.operands.enumerated() {
      guard let range = try range(operand, place) else { continue }
      for (written, target) in writes.enumerated() where target.overlaps(range) {
        guard written == 0, !operation.results.isEmpty, target == range, operation.op.inPlaceOperands.contains(index)
        else { throw fail("\(place): operand \(index) is overwritten while it is read") }
      }
    }
    for (written, range) in writes.enumerated() {
      bytes.write(written < operation.results.count ? operation.results[written].index : -1, to: range)
    }
    for index in operation.op.mutatedOperands {
      if case .symbol(let symbol) = try location(operation.operands[index], place).storage { updates[symbol] += 1 }
    }
  }

  private mutating func view(_ operation: Operation, _ place: String) throws(PlanError) {
    guard let offset = Views.offset(operation, plan.program) else { throw fail("\(place): the op makes no views") }
    let (operand, result) = (operation.operands[0], operation.results[0])
    var expected = try location(operand, place)
    expected.byteOffset += offset
    _ = try range(result, place)
    guard try location(result, place) == expected else { throw fail("\(place): the view is not where its operand is") }
    content[result.index] = content[operand.index]
    if case .symbol(let index) = expected.storage {
      if case .slice = operation.opCase { slicedAt[result.index] = updates[index] }
      if let version = slicedAt[operand.index] { slicedAt[result.index] = version }
    }
  }
}

/// What each byte of the arena holds, as disjoint sorted ranges.
private struct ArenaContents {
  private struct Segment {
    var start: Int
    var end: Int
    var content: Int
  }
  private var segments: [Segment] = []

  /// The first segment that ends after an address.
  private func first(after address: Int) -> Int {
    var (low, high) = (0, segments.count)
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func holdsAnything(in range: Range<Int>) -> Bool {
    let index = first(after: range.lowerBound)
    return index < segments.count && segments[index].start < range.upperBound
  }

  func hold(_ content: Int, in range: Range<Int>) -> Bool {
    var address = range.lowerBound
    var index = first(after: address)
    while address < range.upperBound {
      guard index < segments.count, segments[index].start <= address, segments[index].content == content else {
        return false
      }
      address = segments[index].end
      index += 1
    }
    return true
  }

  mutating func write(_ content: Int, to range: Range<Int>) {
    guard !range.isEmpty else { return }
    let low = first(after: range.lowerBound)
    var high = low
    var replacement: [Segment] = []
    if low < segments.count, segments[low].start < range.lowerBound {
      replacement.append(
        Segment(start: segments[low].start, end: range.lowerBound, content: segments[low].content))
    }
    replacement.append(Segment(start: range.lowerBound, end: range.upperBound, content: content))
    while high < segments.count, segments[high].start < range.upperBound {
      if segments[high].end > range.upperBound {
        replacement.append(Segment(start: range.upperBound, end: segments[high].end, content: segments[high].content))
      }
      high += 1
    }
    segments.replaceSubrange(low..<high, with: replacement)
  }
}
