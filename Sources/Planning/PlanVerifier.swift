import IR
import Ops

/// Checks a plan by walking the program with a map of what each byte range of the arena holds, independently of how the
/// plan was made.
public enum PlanVerifier {
  private struct Range {
    var start: Int
    var end: Int
  }

  /// The first violation: a value overwritten before its last use, a place outside the arena, or bad alignment.
  public static func firstViolation(
    _ plan: Plan, workspaceByteCount: (Operation, Program) -> Int
  ) -> String? {
    let program = plan.program
    var lastUse = [Int](repeating: -1, count: program.values.count)
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands { lastUse[operand.index] = position }
    }
    for port in program.outputs { lastUse[port.value.index] = program.operations.count }

    func range(_ value: ValueID) -> Range? {
      guard let location = plan.locations[value.index], case .arena(let offset) = location.storage else { return nil }
      let start = offset + location.byteOffset
      return Range(start: start, end: start + program.type(of: value).byteCount)
    }
    func overlap(_ a: Range, _ b: Range) -> Bool { a.start < b.end && b.start < a.end }

    var live = program.inputs.map(\.value)
    for (position, operation) in program.operations.enumerated() {
      let renames = Liveness.aliasOffset(operation, program) != nil
      var written = operation.results.compactMap { value in range(value).map { (value, $0) } }
      if let offset = plan.workspaces[position] {
        let workspace = Range(start: offset, end: offset + workspaceByteCount(operation, program))
        if workspace.end > plan.arenaByteCount { return "workspace of operation \(position) leaves the arena" }
        let busy = live.filter { lastUse[$0.index] >= position } + operation.results
        for value in busy {
          if let other = range(value), overlap(workspace, other) {
            return "workspace of operation \(position) overlaps a live value"
          }
        }
      }
      for (_, place) in written {
        if place.start % Arena.alignment != 0 { return "a result of operation \(position) is not aligned" }
        if place.end > plan.arenaByteCount { return "a result of operation \(position) leaves the arena" }
      }
      if !renames {
        for (value, place) in written {
          for other in live where lastUse[other.index] > position {
            if let held = range(other), overlap(place, held) {
              return "operation \(position) overwrites a value that is used later"
            }
          }
          for other in operation.operands {
            guard let held = range(other), overlap(place, held) else { continue }
            let allowed =
              value == operation.results[0] && held.start == place.start && held.end == place.end
              && operation.op.inPlaceOperands.contains { operation.operands[$0] == other }
            if !allowed { return "operation \(position) overwrites an operand" }
          }
        }
        while let (_, place) = written.popLast() {
          if written.contains(where: { overlap($0.1, place) }) { return "results of operation \(position) overlap" }
        }
      }
      live.removeAll { lastUse[$0.index] <= position }
      live += operation.results
    }
    return nil
  }
}
