import IR
import Ops
import Passes
import Planning
import Runtime
import Testing

/// Derived symbols of weights that do not change any more.
@Suite struct DerivationTests {
  private static func prepared() throws -> PreparedProgram {
    WeightHoisting.split(
      try ProgramParser.parse(
        """
        parameter @w : f32[1,2] = ones
        parameter @b : f32[1] = zeros
        program @scaled(%x: f32[1,2]) -> (y: f32[1,1]) {
          %0 = affine(@w) {scale = 2, offset = 1} : f32[1,2]
          %1 = linear(%x, %0, @b) : f32[1,1]
          return %1
        }
        """, registry: OpTable.registry))
  }

  private func derive(_ prepared: PreparedProgram, _ store: ParameterStore, _ load: (String) throws -> Void) throws {
    let planner = Planner.forRuntime()
    try store.derive(
      prepared.setup.map { try planner.plan($0) }, pool: ThreadPool(threadCount: 1),
      kernels: KernelSelection(.baseline),
      load: load)
  }

  @Test func sourcesExistOnlyMeanwhile() throws {
    let prepared = try Self.prepared()
    let store = ParameterStore(seed: 1)
    var loaded: [String] = []
    for _ in 0..<2 {
      try derive(prepared, store) { name in
        loaded.append(name)
        store.floats(name)?.update(repeating: 10)
      }
    }
    #expect(loaded == ["w"], "what is there is not derived again")
    let derived = try #require(prepared.main.symbols.first { $0.symbol.role == .derived }).symbol.name
    #expect(store.names == [derived])
    #expect(try Array(#require(store.floats(derived))) == [21, 21])
  }

  /// What another program reads stays, with the contents that it has.
  @Test func sourcesThatAreThereStay() throws {
    let prepared = try Self.prepared()
    let store = ParameterStore(seed: 1)
    try store.add(Self.prepared().setup[0])
    store.floats("w")?.update(repeating: 3)
    try derive(prepared, store) { Issue.record("\($0) is loaded again") }
    let derived = try #require(prepared.main.symbols.first { $0.symbol.role == .derived }).symbol.name
    #expect(store.names == [derived, "w"].sorted())
    #expect(try Array(#require(store.floats(derived))) == [7, 7])
  }

  @Test func aFailureLeavesNothingBehind() throws {
    struct Unreadable: Error {}
    let store = ParameterStore(seed: 1)
    #expect(throws: Unreadable.self) { try derive(Self.prepared(), store) { _ in throw Unreadable() } }
    #expect(store.names.isEmpty)
  }
}
