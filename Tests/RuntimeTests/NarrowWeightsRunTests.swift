import IR
import Ops
import Passes
import TestSupport
import Testing

@testable import Runtime

/// Weights narrowed by the store, and the programs that read them.
@Suite struct NarrowWeightsRunTests {
  private static func original() throws -> Program {
    try ProgramParser.parse(
      """
      parameter @table : f32[9,70] = normal(0.02)
      parameter @out.weight : f32[37,70] = normal(0.5)
      parameter @out.bias : f32[37] = normal(0.1)
      program @step(%codes: i32[3]) -> (y: f32[3,37]) {
        %0 = embedding(@table, %codes) : f32[3,70]
        %1 = linear(%0, @out.weight, @out.bias) : f32[3,37]
        return %1
      }
      """, registry: OpTable.registry)
  }

  @Test(arguments: [WeightStorage.bf16, .int8], KernelSelection.available)
  func agreesWithTheReference(_ storage: WeightStorage, _ set: InstructionSet) throws {
    var program = try Self.original()
    #expect(NarrowWeights(storage).run(on: &program))
    var random = RandomTensors(seed: 11)
    let symbols = random.symbols(of: program)
    let pool = ThreadPool(threadCount: 2)
    let store = ParameterStore(seed: 1)
    try store.add(program, narrowedFrom: Self.original())
    let run = try RuntimeRun(
      program, inputs: ["codes": Tensor(.i32(3), integers: [8, 0, 4])], symbols: symbols, on: set, pool: pool,
      store: store)
    let failures = try StepwiseComparison().run(run)
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  /// The store keeps no f32 form of what it did not hold before, and the narrow forms are those of the definition.
  @Test(arguments: [WeightStorage.bf16, .int8])
  func narrowsAndForgets(_ storage: WeightStorage) throws {
    let original = try Self.original()
    var program = original
    _ = NarrowWeights(storage).run(on: &program)
    let full = ParameterStore(seed: 5)
    try full.add(original)
    let store = ParameterStore(seed: 5)
    var loaded: [String] = []
    try store.add(program, narrowedFrom: original) { name in
      loaded.append(name)
      let values = try #require(store.floats(name))
      for (index, value) in try #require(full.floats(name)).enumerated() { values[index] = 2 * value }
    }
    #expect(loaded.sorted() == ["out.bias", "out.weight", "table"])
    #expect(store.names == program.symbols.map(\.symbol.name).sorted())
    for use in program.symbols {
      guard case .narrowed(let source, let narrowing) = use.symbol.initializer else { continue }
      let type = try #require(full.symbol(source)).type
      let values = Tensor(type, try #require(full.floats(source)).map { 2 * Double($0) })
      let expected = try #require(values.narrowed(narrowing))
      let bytes = try #require(store.bytes(use.symbol.name))
      switch narrowing {
      case .bf16:
        let found = bytes.bindMemory(to: UInt16.self).map { Double(Float(bitPattern: UInt32($0) << 16)) }
        #expect(found == expected.reals, "@\(use.symbol.name)")
      case .i8: #expect(bytes.bindMemory(to: Int8.self).map { Int($0) } == expected.integers, "@\(use.symbol.name)")
      case .scales:
        #expect(bytes.bindMemory(to: Float.self).map { Double($0) } == expected.reals, "@\(use.symbol.name)")
      }
    }
    _ = full
  }

  /// What the store holds in full stays, beside the narrow form.
  @Test func keepsWhatWasThere() throws {
    let original = try Self.original()
    var program = original
    _ = NarrowWeights(.bf16).run(on: &program)
    let store = ParameterStore(seed: 5)
    try store.add(original)
    try store.add(program, narrowedFrom: original)
    #expect(Set(store.names) == Set((original.symbols + program.symbols).map(\.symbol.name)))
  }

  @Test func roundsTiesToEvenAndKeepsWhatIsNotFinite() throws {
    let original = try ProgramParser.parse(
      """
      parameter @w : f32[2,4] = zeros
      program @p(%x: f32[1,4]) -> (y: f32[1,2]) {
        %0 = linear(%x, @w) : f32[1,2]
        return %0
      }
      """, registry: OpTable.registry)
    let values: [Float] = [1.00390625, 1.01171875, -.infinity, .nan, 0, 0, 0, 0]
    func narrowed(_ storage: WeightStorage) throws -> ParameterStore {
      var program = original
      _ = NarrowWeights(storage).run(on: &program)
      let store = ParameterStore(seed: 1)
      try store.add(program, narrowedFrom: original) { _ = try #require(store.floats($0)).update(from: values) }
      return store
    }
    let half = try narrowed(.bf16)
    let bits = try #require(half.bytes("w.bf16")).bindMemory(to: UInt16.self)
    #expect(bits[0] == 0x3f80 && bits[1] == 0x3f82 && bits[2] == 0xff80)
    #expect(Float(bitPattern: UInt32(bits[3]) << 16).isNaN)
    let integers = try narrowed(.int8)
    let scales = try #require(integers.floats("w.scales"))
    #expect(!scales[0].isFinite, "a broken row must not look sound")
    #expect(scales[1] == 0)
    #expect(try #require(integers.bytes("w.i8")).allSatisfy { $0 == 0 })
    _ = (half, integers)
  }

  @Test func aSymbolWithoutSourceIsAnError() throws {
    var program = try Self.original()
    _ = NarrowWeights(.bf16).run(on: &program)
    #expect(throws: ParameterStoreError.self) { try ParameterStore(seed: 1).add(program) }
  }
}
