import IR

/// A stretch of memory that must not share bytes with another one live at the same time.
struct Buffer {
  /// Size in bytes, a multiple of the alignment.
  var byteCount: Int
  /// First moment of life: 0 is before the first operation, k + 1 is operation k.
  var start: Int
  /// Last moment of life, included; the number of operations plus one is the end of the run.
  var end: Int
}

/// Which buffers a program needs in its present order, and when each is live.
///
/// Views live in the buffer of their owner; a result takes over the buffer of an operand that dies at the same
/// operation where its op allows that.
struct Liveness {
  let views: Views
  /// All buffers: inputs, results, then workspaces.
  private(set) var buffers: [Buffer] = []
  /// By value: the buffer of its owner, nil for symbols and their views and for values the program does not name.
  private(set) var bufferOfValue: [Int?]
  /// By operation: the buffer of its workspace.
  private(set) var bufferOfWorkspace: [Int?]
  private(set) var inPlaceCount = 0
  private(set) var naiveByteCount = 0

  init(_ program: Program, viewOffsets: [Int?], workspaceByteCounts: [Int]) {
    views = Views(program, offsets: viewOffsets)
    bufferOfValue = Array(repeating: nil, count: program.values.count)
    bufferOfWorkspace = Array(repeating: nil, count: program.operations.count)
    let lastUse = Self.lastUses(program, views)
    for port in program.inputs { define(port.value, program, at: 0, until: lastUse[port.value.index]) }
    for (position, operation) in program.operations.enumerated() {
      let now = position + 1
      if views.isView[position] {
        bufferOfValue[operation.results[0].index] = bufferOfValue[operation.operands[0].index]
        continue
      }
      let reused = reusableBuffer(operation, program, lastUse, now)
      for (index, result) in operation.results.enumerated() {
        let until = max(now, lastUse[result.index])
        if index == 0, let reused {
          naiveByteCount += buffers[reused].byteCount
          inPlaceCount += 1
          bufferOfValue[result.index] = reused
          buffers[reused].end = max(buffers[reused].end, until)
        } else {
          define(result, program, at: now, until: until)
        }
      }
    }
    for (position, byteCount) in workspaceByteCounts.enumerated() where byteCount > 0 && !views.isView[position] {
      bufferOfWorkspace[position] = buffers.count
      append(Buffer(byteCount: Plan.aligned(byteCount), start: position + 1, end: position + 1))
    }
  }

  /// The largest sum of live bytes and the moment at which it is reached first.
  var peak: (byteCount: Int, moment: Int) {
    var change = Array(repeating: 0, count: (buffers.map(\.end).max() ?? 0) + 2)
    for buffer in buffers {
      change[buffer.start] += buffer.byteCount
      change[buffer.end + 1] -= buffer.byteCount
    }
    var live = 0
    var best = (byteCount: 0, moment: 0)
    for (moment, delta) in change.enumerated() {
      live += delta
      if live > best.byteCount { best = (live, moment) }
    }
    return best
  }

  private mutating func append(_ buffer: Buffer) {
    naiveByteCount += buffer.byteCount
    buffers.append(buffer)
  }

  private mutating func define(_ value: ValueID, _ program: Program, at start: Int, until end: Int) {
    bufferOfValue[value.index] = buffers.count
    append(Buffer(byteCount: Plan.aligned(program.type(of: value).byteCount), start: start, end: max(start, end)))
  }

  /// The buffer that the first result may take over: all of an operand that is dead afterwards. Where another operand
  /// lies in the same buffer, the op must allow for that operand too and both must be the same bytes, since only
  /// then is every element read before it is overwritten.
  private func reusableBuffer(
    _ operation: Operation, _ program: Program, _ lastUse: [Int], _ now: Int
  ) -> Int? {
    guard let result = operation.results.first else { return nil }
    let allowed = operation.op.inPlaceOperands
    let byteCount = program.type(of: result).byteCount
    return allowed.lazy.compactMap { index -> Int? in
      guard index < operation.operands.count else { return nil }
      let operand = operation.operands[index]
      let owner = views.owner[operand.index]
      guard let buffer = bufferOfValue[operand.index], lastUse[owner.index] == now, buffers[buffer].end == now,
        program.type(of: operand).byteCount == byteCount, program.type(of: owner).byteCount == byteCount
      else { return nil }
      for (other, value) in operation.operands.enumerated() where bufferOfValue[value.index] == buffer {
        guard allowed.contains(other), program.type(of: value).byteCount == byteCount else { return nil }
      }
      return buffer
    }.first
  }

  /// By owner: the last moment at which it or a view of it is needed; -1 where never.
  private static func lastUses(_ program: Program, _ views: Views) -> [Int] {
    var lastUse = Array(repeating: -1, count: program.values.count)
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands { lastUse[views.owner[operand.index].index] = position + 1 }
    }
    for port in program.outputs { lastUse[views.owner[port.value.index].index] = program.operations.count + 1 }
    return lastUse
  }
}
