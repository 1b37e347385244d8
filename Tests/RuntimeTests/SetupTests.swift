import IR
import Ops
import Passes
import Planning
import Runtime
import Testing

/// Derived symbols follow the weights.
@Suite struct SetupTests {
  @Test func derivedSymbolsAreComputedAnewWhenWeightsChange() throws {
    let program = try ProgramParser.parse(
      """
      parameter @w : f32[1,2] = ones
      program @scaled(%x: f32[1,2]) -> (y: f32[1,1]) {
        %0 = affine(@w) {scale = 2, offset = 1} : f32[1,2]
        %1 = linear(%x, %0) : f32[1,1]
        return %1
      }
      """, registry: OpTable.registry)
    let prepared = WeightHoisting.split(program)
    let store = ParameterStore(seed: 1)
    let planner = Planner.forRuntime()
    let executable = try Executable(
      planner.plan(prepared.main), setup: prepared.setup.map { try planner.plan($0) }, store: store,
      pool: ThreadPool(threadCount: 1),
      kernels: KernelSelection(.baseline))
    func run() throws -> Float {
      try executable.input("x").update(repeating: 1)
      executable.run()
      return try executable.output("y")[0]
    }
    #expect(try run() == 6)
    #expect(try run() == 6)
    let weights = try #require(store.floats("w"))
    weights[0] = 10
    #expect(try run() == 24)
  }
}
