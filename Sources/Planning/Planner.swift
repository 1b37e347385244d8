import IR
import Ops

/// Makes plans.
public struct Planner {
  private let workspaceByteCount: (Operation, Program) -> Int

  /// Whether operations may be moved to lower the peak of live bytes.
  public var reorders = true

  /// A planner.
  ///
  /// - Parameter workspaceByteCount: Bytes of scratch memory that the kernel of an operation needs, for all threads
  ///   together; 0 for none.
  public init(workspaceByteCount: @escaping (Operation, Program) -> Int) {
    self.workspaceByteCount = workspaceByteCount
  }

  /// Orders the operations, gives every value its place, and checks the result.
  ///
  /// - Throws: `PlanError` if the program breaks an invariant of the IR or a workspace has a negative size.
  public func plan(_ program: Program) throws(PlanError) -> Plan {
    do { try program.verify() } catch { throw PlanError("\(error)") }
    var workspaces: [Int] = []
    workspaces.reserveCapacity(program.operations.count)
    for (position, operation) in program.operations.enumerated() {
      let byteCount = workspaceByteCount(operation, program)
      guard byteCount >= 0 else {
        throw PlanError(
          "@\(program.name): operation \(position) \(operation.op.mnemonic) in '\(operation.scope)' asks for a "
            + "workspace of \(byteCount) bytes")
      }
      workspaces.append(byteCount)
    }
    let scheduled = Schedule.best(program, workspaceByteCounts: workspaces, reorders: reorders)
    let plan = layOut(scheduled)
    try PlanVerifier.verify(plan)
    return plan
  }

  private func layOut(_ scheduled: Schedule) -> Plan {
    let (program, liveness) = (scheduled.program, scheduled.liveness)
    let peak = liveness.peak
    let arena = Arena(liveness.buffers, lowerBound: peak.byteCount)

    var locations = [Location?](repeating: nil, count: program.values.count)
    for (position, use) in program.symbols.enumerated() {
      locations[use.value.index] = Location(storage: .symbol(position))
    }
    for (index, buffer) in liveness.bufferOfValue.enumerated() {
      guard let buffer else { continue }
      locations[index] = Location(
        storage: .arena(arena.offsets[buffer]), byteOffset: liveness.views.byteOffset[index])
    }
    for (position, operation) in program.operations.enumerated() where liveness.views.isView[position] {
      let result = operation.results[0].index
      guard let owner = locations[liveness.views.owner[result].index] else { continue }
      locations[result] = Location(storage: owner.storage, byteOffset: liveness.views.byteOffset[result])
    }

    var statistics = PlanStatistics(program, isView: liveness.views.isView)
    statistics.inPlaceCount = liveness.inPlaceCount
    statistics.naiveByteCount = liveness.naiveByteCount
    statistics.lowerBoundByteCount = peak.byteCount
    statistics.arenaByteCount = arena.byteCount
    statistics.workspaceByteCount = scheduled.workspaceByteCounts.max() ?? 0
    statistics.peakOperation = describe(peak.moment, program)
    statistics.order = scheduled.name
    statistics.packing = arena.strategy
    return Plan(
      program: program, locations: locations,
      workspaces: liveness.bufferOfWorkspace.map { $0.map { arena.offsets[$0] } },
      workspaceByteCounts: scheduled.workspaceByteCounts, isView: liveness.views.isView,
      arenaByteCount: arena.byteCount, statistics: statistics)
  }

  private func describe(_ moment: Int, _ program: Program) -> String {
    if moment == 0 { return "inputs" }
    guard moment <= program.operations.count else { return "outputs" }
    let operation = program.operations[moment - 1]
    return "\(moment - 1) \(operation.op.mnemonic)" + (operation.scope.isEmpty ? "" : " in \(operation.scope)")
  }
}
