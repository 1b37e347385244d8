import IR
import Ops

/// Results that are other names for bytes of their operand: reshape, stop_gradient and contiguous
/// slices.
///
/// Kernels may rely on aligned operands, so only slices that begin at a multiple of the alignment are views.
///
/// A view of a symbol sees later updates in place. A slice is the exception: whether it is contiguous depends on the
/// shape, and its meaning must not, so a slice of a symbol that is updated while the slice is in use is a copy.
struct Views {
  /// By operation: whether its result is a view.
  var isView: [Bool]
  /// By value: the value that owns the bytes; itself for owners.
  var owner: [ValueID]
  /// By value: distance from the start of the owner in bytes.
  var byteOffset: [Int]

  /// - Parameter offsets: By operation, `Views.offset`.
  init(_ program: Program, offsets: [Int?]) {
    isView = offsets.map { $0 != nil }
    Self.rejectStaleSlices(program, &isView)
    owner = program.values.indices.map { ValueID(index: $0) }
    byteOffset = Array(repeating: 0, count: program.values.count)
    for (position, operation) in program.operations.enumerated() where isView[position] {
      let (operand, result) = (operation.operands[0], operation.results[0])
      owner[result.index] = owner[operand.index]
      byteOffset[result.index] = byteOffset[operand.index] + (offsets[position] ?? 0)
    }
  }

  /// The distance of the result's first byte from the operand's, if the result is an aligned and contiguous part
  /// of the operand.
  static func offset(_ operation: Operation, _ program: Program) -> Int? {
    switch operation.opCase {
    case .reshape, .stopGradient: return 0
    case .slice(let slice):
      let type = program.type(of: operation.operands[0])
      let whole = slice.start == 0 && slice.end == type.shape[slice.axis]
      guard whole || type.shape.prefix(slice.axis).allSatisfy({ $0 == 1 }) else { return nil }
      let offset = slice.start * type.shape.dropFirst(slice.axis + 1).reduce(1, *) * type.dtype.byteCount
      return offset % Plan.alignment == 0 ? offset : nil
    default: return nil
    }
  }

  /// `offset` of every operation.
  static func offsets(_ program: Program) -> [Int?] { program.operations.map { offset($0, program) } }

  private static func rejectStaleSlices(_ program: Program, _ isView: inout [Bool]) {
    var updates: [Int: [Int]] = [:]
    for (position, operation) in program.operations.enumerated() {
      for index in operation.op.mutatedOperands {
        updates[operation.operands[index].index, default: []].append(position)
      }
    }
    if updates.isEmpty { return }
    var owner = program.values.indices.map { $0 }
    var lastUse = Array(repeating: -1, count: program.values.count)
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands { lastUse[operand.index] = position }
      if isView[position] { owner[operation.results[0].index] = owner[operation.operands[0].index] }
    }
    for port in program.outputs { lastUse[port.value.index] = program.operations.count }
    for (position, operation) in program.operations.enumerated().reversed() where isView[position] {
      let (operand, result) = (operation.operands[0].index, operation.results[0].index)
      if case .slice = operation.opCase, let updates = updates[owner[result]],
        updates.contains(where: { position < $0 && $0 <= lastUse[result] })
      {
        isView[position] = false
      } else {
        lastUse[operand] = max(lastUse[operand], lastUse[result])
      }
    }
  }
}
