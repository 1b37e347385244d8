import IR
import Ops
import Planning
import Testing

/// Properties of plans of random programs, checked by comparing all pairs of values.
@Suite struct PlanPropertyTests {
  private struct Stretch {
    var bytes: Range<Int>
    var life: ClosedRange<Int>
    var operation: Int?
    var value: ValueID?
  }

  private static func workspaceByteCount(_ operation: Operation, _ program: Program) -> Int {
    operation.op.mnemonic == "silu" || operation.op.mnemonic == "reduce_sum"
      ? program.type(of: operation.operands[0]).byteCount / 2 : 0
  }

  @Test(arguments: 0..<150) func liveValuesNeverOverlap(seed: Int) throws {
    let program = RandomProgram.make(seed: seed, operations: 5 + seed)
    let plan = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program)
    let stretches = Self.stretches(plan)
    for (index, one) in stretches.enumerated() {
      for other in stretches[..<index] where one.bytes.overlaps(other.bytes) && one.life.overlaps(other.life) {
        #expect(
          Self.isInPlace(one, other, plan) || Self.isInPlace(other, one, plan), "\(one) and \(other), seed \(seed)")
      }
    }
    let statistics = plan.statistics
    #expect(plan.arenaByteCount >= statistics.lowerBoundByteCount)
    #expect(plan.arenaByteCount <= statistics.naiveByteCount)
    #expect(Double(plan.arenaByteCount) <= 1.05 * Double(statistics.lowerBoundByteCount), "\(statistics)")
  }

  @Test(arguments: 0..<60) func planKeepsTheOrderOfReadsAndUpdates(seed: Int) throws {
    let program = RandomProgram.make(seed: seed, operations: 80)
    let plan = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program)
    #expect(plan.program.operations.count == program.operations.count)
    #expect(Self.history(plan.program) == Self.history(program))
  }

  @Test func samePlanEveryTime() throws {
    let program = RandomProgram.make(seed: 5, operations: 300)
    let planner = Planner(workspaceByteCount: Self.workspaceByteCount)
    let (one, two) = (try planner.plan(program), try planner.plan(program))
    #expect(one.locations == two.locations)
    #expect(one.workspaces == two.workspaces)
    #expect(one.statistics == two.statistics)
  }

  @Test func verifierFindsEveryMovedValue() throws {
    var found = 0
    for seed in 0..<40 {
      let program = RandomProgram.make(seed: seed, operations: 60)
      let plan = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program)
      // One 64-byte step off alignment, out of the arena, or onto the first live neighbour.
      for (index, location) in plan.locations.enumerated() {
        guard case .arena(let offset)? = location?.storage else { continue }
        for moved in [offset + 4, plan.arenaByteCount, -64] {
          var broken = plan
          broken.locations[index]?.storage = .arena(moved)
          #expect(throws: PlanError.self) { try PlanVerifier.verify(broken) }
          found += 1
        }
      }
      for (index, one) in Self.stretches(plan).enumerated() {
        guard let value = one.value else { continue }
        let neighbour = Self.stretches(plan).enumerated().first { other in
          other.offset != index && other.element.life.lowerBound < one.life.lowerBound
            && other.element.life.upperBound > one.life.lowerBound
            && Self.isReadAtItsEnd(other.element, plan)
        }
        guard let neighbour else { continue }
        var broken = plan
        for (other, location) in plan.locations.enumerated()
        where location?.storage == plan.location(of: value)?.storage {
          broken.locations[other]?.storage = .arena(neighbour.element.bytes.lowerBound)
        }
        #expect(throws: PlanError.self) { try PlanVerifier.verify(broken) }
        found += 1
      }
    }
    #expect(found > 1000)
  }

  @Test func tenThousandOperationsAreFast() throws {
    let program = RandomProgram.make(seed: 1, operations: 10_000)
    let planner = Planner(workspaceByteCount: Self.workspaceByteCount)
    var plan: Plan?
    let time = try ContinuousClock().measure { plan = try planner.plan(program) }
    let statistics = try #require(plan?.statistics)
    // About 0.2 s on one quiet core; the margin is for a busy machine.
    #expect(time < .seconds(5))
    // Few buffers of very different sizes are live at a time, which is the hard case.
    #expect(Double(statistics.arenaByteCount) <= 1.15 * Double(statistics.lowerBoundByteCount))
  }

  @Test(arguments: [[64], [32, 64, 128], [256, 128, 64, 128, 256]]) func trainingStepsArePackedTightly(
    stages: [Int]
  ) throws {
    for blocks in [2, 5, 40] {
      let program = TrainingProgram.make(stages: stages, blocks: blocks)
      let statistics = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program).statistics
      #expect(
        Double(statistics.arenaByteCount) <= 1.05 * Double(statistics.lowerBoundByteCount),
        "\(PlanPrinter().print(statistics))")
      #expect(2 * statistics.arenaByteCount < statistics.naiveByteCount)
    }
  }

  // MARK: - Independent account of a plan

  private static func stretches(_ plan: Plan) -> [Stretch] {
    let program = plan.program
    let end = program.operations.count
    var owner = program.values.indices.map { value(program, $0) }
    var lastUse: [Int: Int] = [:]
    var definition: [Int: Int] = [:]
    for port in program.inputs { definition[port.value.index] = -1 }
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands { if let index = owner[operand.index] { lastUse[index] = position } }
      for result in operation.results {
        if plan.isView[position] {
          owner[result.index] = owner[operation.operands[0].index]
        } else {
          owner[result.index] = result.index
          definition[result.index] = position
        }
      }
    }
    for port in program.outputs { if let index = owner[port.value.index] { lastUse[index] = end } }
    var stretches: [Stretch] = []
    for (index, start) in definition.sorted(by: { $0.key < $1.key }) {
      guard let location = plan.locations[index], case .arena(let offset) = location.storage else { continue }
      let bytes = program.values[index].type.byteCount
      stretches.append(
        Stretch(
          bytes: offset + location.byteOffset..<offset + location.byteOffset + bytes,
          life: start...max(start, lastUse[index] ?? start), operation: start < 0 ? nil : start,
          value: identity(program, index)))
    }
    for (position, offset) in plan.workspaces.enumerated() {
      guard let offset else { continue }
      stretches.append(
        Stretch(bytes: offset..<offset + plan.workspaceByteCounts[position], life: position...position))
    }
    return stretches
  }

  private static func value(_ program: Program, _ index: Int) -> Int? {
    if case .symbol = program.values[index].origin { return nil }
    return index
  }

  private static func identity(_ program: Program, _ index: Int) -> ValueID? {
    for port in program.inputs where port.value.index == index { return port.value }
    for operation in program.operations {
      for result in operation.results where result.index == index { return result }
    }
    return nil
  }

  /// Whether all its bytes are read when its life ends, and not only a slice.
  private static func isReadAtItsEnd(_ stretch: Stretch, _ plan: Plan) -> Bool {
    guard let value = stretch.value else { return false }
    guard plan.program.operations.indices.contains(stretch.life.upperBound) else {
      return plan.program.outputs.contains { $0.value == value }
    }
    return plan.program.operations[stretch.life.upperBound].operands.contains(value)
  }

  /// Whether `after` is the first result of the operation at which `before` dies, in exactly its bytes, by permission.
  private static func isInPlace(_ before: Stretch, _ after: Stretch, _ plan: Plan) -> Bool {
    guard let position = after.operation, before.life.upperBound == position, before.bytes == after.bytes else {
      return false
    }
    let operation = plan.program.operations[position]
    return operation.results.first == after.value
      && operation.op.inPlaceOperands.contains { index in
        let location = plan.location(of: operation.operands[index])
        return location == after.value.flatMap { plan.location(of: $0) }
      }
  }

  /// What every operation reads, in terms of how often each symbol had been updated, keyed by what it defines.
  private static func history(_ program: Program) -> [[Int]: [Int]] {
    var updates: [Int: Int] = [:]
    var source = [Int: Int]()
    for use in program.symbols { source[use.value.index] = use.value.index }
    var result: [[Int]: [Int]] = [:]
    for operation in program.operations {
      let versions = operation.operands.map { source[$0.index].map { updates[$0, default: 0] } ?? -1 }
      let mutated = operation.op.mutatedOperands.map { operation.operands[$0].index }
      let key =
        operation.results.isEmpty
        ? [-1] + mutated + mutated.map { updates[$0, default: 0] } : operation.results.map(\.index)
      result[key] = operation.operands.map(\.index) + versions
      for symbol in mutated { updates[symbol, default: 0] += 1 }
      if ["reshape", "stop_gradient"].contains(operation.op.mnemonic) {
        source[operation.results[0].index] = source[operation.operands[0].index]
      }
    }
    return result
  }
}
