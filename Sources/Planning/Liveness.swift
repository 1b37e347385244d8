import IR
import Ops

/// Which values share storage, and when each storage is in use.
struct Liveness {
  /// A stretch of arena memory and the operations during which it holds something.
  struct Buffer {
    var byteCount: Int
    /// Position of the operation that fills it; -1 for inputs.
    var start: Int
    /// Position of the last operation that reads it; the operation count for outputs.
    var end: Int
  }

  var buffers: [Buffer] = []
  /// By value: the buffer it lives in and the bytes from its start.
  var placement: [(buffer: Int, byteOffset: Int)?]
  /// By value: symbol position and bytes from its start, for aliases of symbols.
  var symbols: [(symbol: Int, byteOffset: Int)?]
  /// By operation: the buffer of its workspace.
  var workspaces: [Int?]
  var aliasCount = 0
  var inPlaceCount = 0

  init(_ program: Program, workspaceByteCount: (Operation, Program) -> Int) {
    let count = program.operations.count
    placement = Array(repeating: nil, count: program.values.count)
    symbols = Array(repeating: nil, count: program.values.count)
    workspaces = Array(repeating: nil, count: count)

    // Last use of every value, seen through aliases.
    var root = Array(0..<program.values.count)
    for operation in program.operations where Self.aliasOffset(operation, program) != nil {
      root[operation.results[0].index] = root[operation.operands[0].index]
    }
    var lastUse = [Int](repeating: -1, count: program.values.count)
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands { lastUse[root[operand.index]] = position }
    }
    for port in program.outputs { lastUse[root[port.value.index]] = count }

    for (index, use) in program.symbols.enumerated() { symbols[use.value.index] = (index, 0) }
    for port in program.inputs {
      place(port.value, program, start: -1, end: lastUse[root[port.value.index]])
    }
    for (position, operation) in program.operations.enumerated() {
      if let offset = Self.aliasOffset(operation, program) {
        let (source, result) = (operation.operands[0].index, operation.results[0].index)
        placement[result] = placement[source].map { ($0.buffer, $0.byteOffset + offset) }
        symbols[result] = symbols[source].map { ($0.symbol, $0.byteOffset + offset) }
        aliasCount += 1
        continue
      }
      for (index, result) in operation.results.enumerated() {
        let end = max(position, lastUse[result.index])
        if index == 0, let source = reusable(operation, at: position, program, root, lastUse) {
          placement[result.index] = source
          buffers[source.buffer].end = max(buffers[source.buffer].end, end)
          inPlaceCount += 1
        } else {
          place(result, program, start: position, end: end)
        }
      }
      let workspace = workspaceByteCount(operation, program)
      if workspace > 0 {
        workspaces[position] = buffers.count
        buffers.append(Buffer(byteCount: workspace, start: position, end: position))
      }
    }
  }

  private mutating func place(_ value: ValueID, _ program: Program, start: Int, end: Int) {
    placement[value.index] = (buffers.count, 0)
    buffers.append(Buffer(byteCount: program.type(of: value).byteCount, start: start, end: end))
  }

  /// The place of an operand that dies here and may be overwritten by the first result.
  private func reusable(
    _ operation: Operation, at position: Int, _ program: Program, _ root: [Int], _ lastUse: [Int]
  ) -> (buffer: Int, byteOffset: Int)? {
    let size = program.type(of: operation.results[0]).byteCount
    for candidate in operation.op.inPlaceOperands where candidate < operation.operands.count {
      let value = operation.operands[candidate]
      guard let source = placement[value.index], source.byteOffset == 0, buffers[source.buffer].end == position,
        lastUse[root[value.index]] == position, program.type(of: value).byteCount == size,
        buffers[source.buffer].byteCount == size
      else { continue }
      // Another operand in the same storage would be overwritten while it is read.
      let others = operation.operands.enumerated().filter { $0.offset != candidate }
      if others.contains(where: { placement[$0.element.index]?.buffer == source.buffer && $0.element != value }) {
        continue
      }
      if others.contains(where: { $0.element == value }) && operation.operands.count > 2 { continue }
      return source
    }
    return nil
  }

  /// Bytes from the start of the operand at which the result of a renaming operation begins; nil for other operations.
  static func aliasOffset(_ operation: Operation, _ program: Program) -> Int? {
    switch operation.opCase {
    case .reshape, .stopGradient: return 0
    case .slice(let slice):
      let type = program.type(of: operation.operands[0])
      guard type.shape.prefix(slice.axis).allSatisfy({ $0 == 1 }) else { return nil }
      let offset = slice.start * type.shape.dropFirst(slice.axis + 1).reduce(1, *) * type.dtype.byteCount
      // Kernels may rely on aligned storage of a vector register.
      return offset % 64 == 0 ? offset : nil
    default: return nil
    }
  }
}
