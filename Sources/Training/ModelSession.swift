import IR
import Ops
import Passes
import Planning
import Runtime
import Spec

/// Everything that runs one model: its spec, its parameters, threads and kernels.
public final class ModelSession {
  /// The model's spec.
  public let spec: ModelSpec
  /// Storage of all symbols.
  public let store: ParameterStore
  /// Worker threads.
  public let pool: ThreadPool
  /// Kernels of this machine.
  public let kernels: KernelSelection
  /// How programs become plans.
  public var compiler = ProgramCompiler()
  /// How the weights of decoding are stored.
  public let weights: WeightStorage
  /// Fills a parameter or running statistics just created, where weights are fixed.
  private var fixedWeights: ((String) throws -> Void)?

  /// A session with freshly initialised parameters; `seed` defaults to the spec's.
  public init(
    _ spec: ModelSpec, seed: UInt64? = nil, threadCount: Int? = nil, weights: WeightStorage = .f32
  ) throws(InstructionSetError) {
    self.spec = spec
    self.weights = weights
    store = ParameterStore(seed: seed ?? UInt64(bitPattern: Int64(spec.training.seed)))
    pool = ThreadPool(threadCount: threadCount)
    kernels = try KernelSelection()
    compiler.precision = OperandPrecision(spec.training.precision)
    compiler.memoryLimit = spec.training.memoryLimit.map { $0 << 20 }
  }

  /// A session of the same model with parameters of its own; threads and kernels are shared.
  public init(sharing other: ModelSession) {
    spec = other.spec
    weights = other.weights
    store = ParameterStore(seed: other.store.seed)
    pool = other.pool
    kernels = other.kernels
    compiler = other.compiler
  }

  /// Says that nothing will change weights any more: parameters and running statistics are read when a program first needs
  /// them, and a parameter from which something else is derived is not kept beside it.
  ///
  /// - Parameter load: Fills a symbol of the store that was just created, by name, if it is not to keep its first value.
  public func fixWeights(load: @escaping (String) throws -> Void = { _ in }) { fixedWeights = load }

  /// Optimizes, plans and binds a program.
  ///
  /// - Throws: `MemoryShortage` before anything is allocated that would not fit.
  public func compile(_ program: Program) throws -> Executable {
    let compiled = try compiler.compile(program)
    let (plan, setup) = (compiled.plan, compiled.setup)
    let arenas = plan.arenaByteCount + (setup.map(\.arenaByteCount).max() ?? 0)
    guard let load = fixedWeights else {
      try MemoryBudget.check(
        program.name, bytes: missingBytes([plan.program] + setup.map(\.program)) + arenas)
      return try Executable(plan, setup: setup, store: store, pool: pool, kernels: kernels)
    }
    let temporary = setup.map { missingBytes([$0.program]) }.max() ?? 0
    try MemoryBudget.check(program.name, bytes: missingBytes([plan.program]) + temporary + arenas)
    try store.derive(setup, pool: pool, kernels: kernels, load: load)
    let missing = plan.program.symbols.map(\.symbol).filter { store.symbol($0.name) == nil }
    try store.add(plan.program)
    for symbol in missing where InferenceWeights.include(symbol) { try load(symbol.name) }
    return try Executable(plan, store: store, pool: pool, kernels: kernels)
  }

  /// Optimizes and plans programs that will be compiled later and then run side by side, so that what does not fit is
  /// known now. Their symbols exist.
  ///
  /// - Throws: What `compile` would throw.
  public func check(_ programs: [Program]) throws {
    var bytes = 0
    for program in programs {
      let compiled = try compiler.compile(program)
      bytes += compiled.plan.arenaByteCount + (compiled.setup.map(\.arenaByteCount).max() ?? 0)
    }
    try MemoryBudget.check(programs.first?.name ?? "", bytes: bytes)
  }

  /// Creates the symbols of a program.
  ///
  /// - Throws: `MemoryShortage` before anything is allocated that would not fit.
  public func add(_ program: Program) throws {
    try MemoryBudget.check(program.name, bytes: missingBytes([program]))
    try store.add(program)
  }

  /// Bytes of the programs' symbols that the store does not hold yet.
  private func missingBytes(_ programs: [Program]) -> Int {
    var known: Set<String> = []
    return programs.flatMap(\.symbols).reduce(0) { sum, use in
      guard store.symbol(use.symbol.name) == nil, known.insert(use.symbol.name).inserted else { return sum }
      return sum + use.symbol.type.byteCount
    }
  }

  /// Compiles a program of decoding, its weights stored as `weights` says. Parameters that the store does not hold yet
  /// in either form are created, and kept only in the narrow one.
  public func compileDecoding(_ program: Program) throws -> Executable {
    try compile(try addDecoding(program))
  }

  /// Compiles a program of inference, the weights of its linear layers and embeddings stored in a given form. Parameters
  /// that the store does not hold yet in either form are created, and kept only in the narrow one.
  public func compileNarrow(_ program: Program, _ weights: WeightStorage) throws -> Executable {
    weights == .f32 ? try compile(program) : try compile(try add(program, storing: weights))
  }

  /// Creates the symbols of a program of decoding in the form in which they are stored.
  ///
  /// - Returns: The program that reads them.
  /// - Throws: `MemoryShortage` before anything is allocated that would not fit.
  @discardableResult
  public func addDecoding(_ program: Program) throws -> Program { try add(program, storing: weights) }

  private func add(_ program: Program, storing weights: WeightStorage) throws -> Program {
    var narrow = program
    try PassManager().run(.decoding(weights), on: &narrow)
    try MemoryBudget.check(program.name, bytes: missingBytes([narrow]))
    try store.add(narrow, narrowedFrom: program, load: fixedWeights ?? { _ in })
    return narrow
  }
}
