import IR
import Ops
import Planning
import Testing

private func parse(_ text: String) throws -> Program {
  try ProgramParser.parse(text, registry: OpTable.registry)
}

private func plan(_ text: String, workspace: Int = 0) throws -> Plan {
  try Planner { _, _ in workspace }.plan(parse(text))
}

@Suite struct PlannerTests {
  @Test func chainRunsInPlace() throws {
    let plan = try plan(
      """
      program @chain(%x: f32[4,64]) -> (y: f32[4,64]) {
        %0 = silu(%x) : f32[4,64]
        %1 = exp(%0) : f32[4,64]
        %2 = negate(%1) : f32[4,64]
        return %2
      }
      """)
    #expect(plan.arenaByteCount == 1024)
    #expect(plan.statistics.inPlaceCount == 3)
    #expect(plan.statistics.naiveByteCount == 4 * 1024)
    #expect(plan.statistics.lowerBoundByteCount == 1024)
  }

  @Test func operandThatIsReadLaterKeepsItsBytes() throws {
    let plan = try plan(
      """
      program @later(%x: f32[4,64]) -> (y: f32[4,64]) {
        %0 = silu(%x) : f32[4,64]
        %1 = exp(%0) : f32[4,64]
        %2 = add(%1, %0) : f32[4,64]
        return %2
      }
      """)
    #expect(plan.arenaByteCount == 2048)
    #expect(plan.statistics.inPlaceCount == 2)
  }

  @Test func outputAndItsViewsAreNotOverwritten() throws {
    let plan = try plan(
      """
      program @kept(%x: f32[4,64]) -> (x: f32[4,64], v: f32[256], y: f32[4,64]) {
        %0 = silu(%x) : f32[4,64]
        %1 = reshape(%0) {shape = [256]} : f32[256]
        %2 = exp(%0) : f32[4,64]
        return %x, %1, %2
      }
      """)
    #expect(plan.statistics.inPlaceCount == 0)
    #expect(plan.arenaByteCount == 3 * 1024)
  }

  @Test func viewsShareBytes() throws {
    let text = """
      parameter @p : f32[6,16] = zeros
      program @views(%x: f32[4,64]) -> (a: f32[2,32], b: f32[2,16], c: f32[4,8], d: f32[1,1]) {
        %0 = reshape(%x) {shape = [8, 32]} : f32[8,32]
        %1 = slice(%0) {axis = 0, start = 3, end = 5} : f32[2,32]
        %2 = slice(@p) {axis = 0, start = 1, end = 3} : f32[2,16]
        %3 = slice(%x) {axis = 1, start = 8, end = 16} : f32[4,8]
        %4 = slice(%x) {axis = 0, start = 0, end = 1} : f32[1,64]
        %5 = slice(%4) {axis = 1, start = 9, end = 10} : f32[1,1]
        return %1, %2, %3, %5
      }
      """
    let plan = try plan(text)
    #expect(plan.isView == [true, true, true, false, true, false])
    let outputs = plan.program.outputs.map { plan.location(of: $0.value) }
    let x = try #require(plan.location(of: plan.program.inputs[0].value))
    #expect(outputs[0] == Location(storage: x.storage, byteOffset: 3 * 32 * 4))
    #expect(outputs[1] == Location(storage: .symbol(0), byteOffset: 64))
    #expect(outputs[2]?.storage != x.storage)
  }

  @Test func sliceOfAnUpdatedSymbolIsACopyIfReadLater() throws {
    let text = """
      state @s : f32[2,4] = zeros
      program @stale(%x: f32[2,4]) -> (y: f32[1,4], z: f32[1,4]) {
        %0 = slice(@s) {axis = 0, start = 0, end = 1} : f32[1,4]
        moving_average(&@s, %x) {decay = 0.5}
        %1 = slice(@s) {axis = 0, start = 0, end = 1} : f32[1,4]
        return %0, %1
      }
      """
    let plan = try plan(text)
    #expect(plan.isView == [false, false, true])
  }

  @Test func operandThatReadsTheSameBytesElsewhereForbidsReuse() throws {
    let plan = try plan(
      """
      program @row(%x: f32[2,64]) -> (y: f32[2,64]) {
        %0 = slice(%x) {axis = 0, start = 1, end = 2} : f32[1,64]
        %1 = reshape(%0) {shape = [64]} : f32[64]
        %2 = add(%x, %1) : f32[2,64]
        return %2
      }
      """)
    #expect(plan.statistics.inPlaceCount == 0)
    #expect(plan.arenaByteCount == 2 * 512)
  }

  @Test func bothOperandsMayBeTheSameBytes() throws {
    let plan = try plan(
      """
      program @square(%x: f32[2,64]) -> (y: f32[2,64]) {
        %0 = multiply(%x, %x) : f32[2,64]
        return %0
      }
      """)
    #expect(plan.arenaByteCount == 512)
  }

  @Test func workspaceLivesDuringItsOperationOnly() throws {
    let plan = try plan(
      """
      program @scratch(%x: f32[4,64]) -> (y: f32[4,64]) {
        %0 = silu(%x) : f32[4,64]
        %1 = exp(%0) : f32[4,64]
        return %1
      }
      """, workspace: 4096)
    #expect(plan.arenaByteCount == 1024 + 4096)
    #expect(plan.workspaces.allSatisfy { $0 != nil })
  }

  @Test func updatesRunAsSoonAsTheirGradientIsKnown() throws {
    let text = """
      parameter @a : f32[1024] = zeros
      parameter @b : f32[1024] = zeros
      parameter @c : f32[1024] = zeros
      program @updates(%x: f32[1024]) -> () {
        %0 = exp(%x) : f32[1024]
        %1 = silu(%x) : f32[1024]
        %2 = relu(%x) : f32[1024]
        moving_average(&@a, %0) {decay = 0.5}
        moving_average(&@b, %1) {decay = 0.5}
        moving_average(&@c, %2) {decay = 0.5}
        return
      }
      """
    let program = try parse(text)
    var planner = Planner { _, _ in 0 }
    #expect(try planner.plan(program).arenaByteCount == 2 * 4096)
    #expect(
      ProgramPrinter().print(try planner.plan(program).program) == """
        parameter @a : f32[1024] = zeros
        parameter @b : f32[1024] = zeros
        parameter @c : f32[1024] = zeros
        program @updates(%x: f32[1024]) -> () {
          %0 = exp(%x) : f32[1024]
          moving_average(&@a, %0) {decay = 0.5}
          %1 = silu(%x) : f32[1024]
          moving_average(&@b, %1) {decay = 0.5}
          %2 = relu(%x) : f32[1024]
          moving_average(&@c, %2) {decay = 0.5}
          return
        }

        """)
    planner.reorders = false
    #expect(try planner.plan(program).arenaByteCount == 3 * 4096)
    #expect(ProgramPrinter().print(try planner.plan(program).program) == ProgramPrinter().print(program))
  }

  @Test func negativeWorkspaceIsAnError() throws {
    let program = try parse(
      """
      program @bad(%x: f32[4]) -> (y: f32[4]) {
        %0 = silu(%x) : f32[4]
        return %0
      }
      """)
    #expect(throws: PlanError("@bad: operation 0 silu in '' asks for a workspace of -1 bytes")) {
      try Planner { _, _ in -1 }.plan(program)
    }
  }

  @Test func brokenProgramIsAnError() throws {
    var program = try parse(
      """
      program @bad(%x: f32[4]) -> (y: f32[4]) {
        %0 = silu(%x) : f32[4]
        %1 = exp(%0) : f32[4]
        return %1
      }
      """)
    program.operations.swapAt(0, 1)
    #expect(throws: PlanError.self) { try Planner { _, _ in 0 }.plan(program) }
  }
}
