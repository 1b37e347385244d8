import IR
import Ops
import Planning

/// Which bytes of the arena every value needs and from when to when, worked out anew from the program: an account of a
/// plan that shares nothing with how plans are made or verified.
public struct ArenaAccount {
  /// Bytes that must not be touched by anything else for some operations.
  public struct Stretch: Sendable {
    /// Where they are.
    public var bytes: Range<Int>
    /// First and last operation; -1 is before the first, the number of operations after the last.
    public var life: ClosedRange<Int>
    /// The operation that writes them; nil for inputs and workspaces.
    public var operation: Int?
    /// The value; nil for workspaces.
    public var value: ValueID?
  }

  /// Inputs and results in order of definition, then workspaces.
  public let stretches: [Stretch]
  private let plan: Plan

  /// The account of a plan.
  public init(_ plan: Plan) {
    self.plan = plan
    let program = plan.program
    let end = program.operations.count
    // By value: the value whose bytes it names, nil for symbols and what names their bytes.
    var owner = program.values.indices.map { index -> Int? in
      if case .symbol = program.values[index].origin { return nil }
      return index
    }
    var lastUse: [Int: Int] = [:]
    var defined: [(value: ValueID, operation: Int)] = program.inputs.map { ($0.value, -1) }
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands { if let index = owner[operand.index] { lastUse[index] = position } }
      for result in operation.results {
        if plan.isView[position] {
          owner[result.index] = owner[operation.operands[0].index]
        } else {
          defined.append((result, position))
        }
      }
    }
    for port in program.outputs { if let index = owner[port.value.index] { lastUse[index] = end } }
    var stretches = defined.compactMap { value, start -> Stretch? in
      guard let location = plan.location(of: value), case .arena(let offset) = location.storage else { return nil }
      let first = offset + location.byteOffset
      return Stretch(
        bytes: first..<first + program.type(of: value).byteCount,
        life: start...max(start, lastUse[value.index] ?? start), operation: start < 0 ? nil : start, value: value)
    }
    for (position, offset) in plan.workspaces.enumerated() {
      guard let offset else { continue }
      stretches.append(
        Stretch(
          bytes: offset..<offset + plan.workspaceByteCounts[position], life: position...position, operation: nil,
          value: nil))
    }
    self.stretches = stretches
  }

  /// Pairs that share bytes while both are needed, other than a result in the place of an operand by permission.
  public func overlaps() -> [String] {
    var found: [String] = []
    // In order of start, so that each is compared with those that have not ended only.
    var live: [Stretch] = []
    for one in stretches.sorted(by: { $0.life.lowerBound < $1.life.lowerBound }) {
      live.removeAll { $0.life.upperBound < one.life.lowerBound }
      for other in live where one.bytes.overlaps(other.bytes) && !isInPlace(other, one) && !isInPlace(one, other) {
        found.append("\(one) and \(other)")
      }
      live.append(one)
    }
    return found
  }

  /// Whether `after` is the first result of the operation at which `before` dies, in exactly its bytes, by permission.
  private func isInPlace(_ before: Stretch, _ after: Stretch) -> Bool {
    guard let position = after.operation, before.life.upperBound == position, before.bytes == after.bytes else {
      return false
    }
    let operation = plan.program.operations[position]
    return operation.results.first == after.value
      && operation.op.inPlaceOperands.contains { index in
        plan.location(of: operation.operands[index]) == after.value.flatMap { plan.location(of: $0) }
      }
  }
}
