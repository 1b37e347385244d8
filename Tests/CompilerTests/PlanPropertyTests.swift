import IR
import Ops
import Planning
import TestSupport
import Testing

/// Properties of plans of random programs, checked by comparing all pairs of values.
@Suite struct PlanPropertyTests {
  private static func workspaceByteCount(_ operation: Operation, _ program: Program) -> Int {
    operation.op.mnemonic == "silu" || operation.op.mnemonic == "reduce_sum"
      ? program.type(of: operation.operands[0]).byteCount / 2 : 0
  }

  @Test(arguments: 0..<150) func liveValuesNeverOverlap(seed: Int) throws {
    let program = ArenaProgram.make(seed: seed, operations: 5 + seed)
    let plan = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program)
    #expect(ArenaAccount(plan).overlaps() == [])
    let statistics = plan.statistics
    #expect(plan.arenaByteCount >= statistics.lowerBoundByteCount)
    #expect(plan.arenaByteCount <= statistics.naiveByteCount)
    #expect(Double(plan.arenaByteCount) <= 1.25 * Double(statistics.lowerBoundByteCount), "\(statistics)")
  }

  /// Packing is a heuristic: a few programs miss the lower bound, most reach it.
  @Test func arenasAreTightOnAverage() throws {
    let ratios = try (200..<350).map { seed in
      let program = ArenaProgram.make(seed: seed, operations: seed - 150)
      let statistics = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program).statistics
      return Double(statistics.arenaByteCount) / Double(statistics.lowerBoundByteCount)
    }
    #expect(ratios.reduce(0, +) / Double(ratios.count) <= 1.02)
  }

  @Test(arguments: 0..<60) func planKeepsTheOrderOfReadsAndUpdates(seed: Int) throws {
    let program = ArenaProgram.make(seed: seed, operations: 80)
    let plan = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program)
    #expect(plan.program.operations.count == program.operations.count)
    #expect(Self.history(plan.program) == Self.history(program))
  }

  @Test func samePlanEveryTime() throws {
    let program = ArenaProgram.make(seed: 5, operations: 300)
    let planner = Planner(workspaceByteCount: Self.workspaceByteCount)
    let (one, two) = (try planner.plan(program), try planner.plan(program))
    #expect(one.locations == two.locations)
    #expect(one.workspaces == two.workspaces)
    #expect(one.statistics == two.statistics)
  }

  @Test func verifierFindsEveryMovedValue() throws {
    var found = 0
    for seed in 0..<40 {
      let program = ArenaProgram.make(seed: seed, operations: 60)
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
      for (index, one) in ArenaAccount(plan).stretches.enumerated() {
        guard let value = one.value else { continue }
        let neighbour = ArenaAccount(plan).stretches.enumerated().first { other in
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

  /// About 0.2 s on one quiet core; a planner that is quadratic in operations would not end within the limit.
  @Test(.timeLimit(.minutes(1))) func tenThousandOperationsArePlanned() throws {
    let program = ArenaProgram.make(seed: 1, operations: 10_000)
    let statistics = try Planner(workspaceByteCount: Self.workspaceByteCount).plan(program).statistics
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

  /// Whether all its bytes are read when its life ends, and not only a slice.
  private static func isReadAtItsEnd(_ stretch: ArenaAccount.Stretch, _ plan: Plan) -> Bool {
    guard let value = stretch.value else { return false }
    guard plan.program.operations.indices.contains(stretch.life.upperBound) else {
      return plan.program.outputs.contains { $0.value == value }
    }
    return plan.program.operations[stretch.life.upperBound].operands.contains(value)
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
