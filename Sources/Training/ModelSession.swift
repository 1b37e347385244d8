import IR
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

  /// A session with freshly initialised parameters; `seed` defaults to the spec's.
  public init(_ spec: ModelSpec, seed: UInt64? = nil, threadCount: Int? = nil) throws(InstructionSetError) {
    self.spec = spec
    store = ParameterStore(seed: seed ?? UInt64(bitPattern: Int64(spec.training.seed)))
    pool = ThreadPool(threadCount: threadCount)
    kernels = try KernelSelection()
    compiler.memoryLimit = spec.training.memoryLimit.map { $0 << 20 }
  }

  /// A session of the same model with parameters of its own; threads and kernels are shared.
  public init(sharing other: ModelSession) {
    spec = other.spec
    store = ParameterStore(seed: other.store.seed)
    pool = other.pool
    kernels = other.kernels
    compiler = other.compiler
  }

  /// Optimizes, plans and binds a program.
  ///
  /// - Throws: `MemoryShortage` before anything is allocated that would not fit.
  public func compile(_ program: Program) throws -> Executable {
    let compiled = try compiler.compile(program)
    let (plan, setup) = (compiled.plan, compiled.setup)
    try MemoryBudget.check(
      program.name, bytes: missingBytes(plan.program) + plan.arenaByteCount + (setup?.arenaByteCount ?? 0))
    return try Executable(plan, setup: setup, store: store, pool: pool, kernels: kernels)
  }

  /// Creates the symbols of a program.
  ///
  /// - Throws: `MemoryShortage` before anything is allocated that would not fit.
  public func add(_ program: Program) throws {
    try MemoryBudget.check(program.name, bytes: missingBytes(program))
    try store.add(program)
  }

  /// Bytes of the program's symbols that the store does not hold yet.
  private func missingBytes(_ program: Program) -> Int {
    program.symbols.reduce(0) { sum, use in
      store.symbol(use.symbol.name) == nil ? sum + use.symbol.type.byteCount : sum
    }
  }

  /// Optimizes and plans a program.
  public static func plan(_ program: Program, optimizes: Bool = true) throws -> Plan {
    var compiler = ProgramCompiler()
    compiler.optimizes = optimizes
    return try compiler.compile(program).plan
  }
}
