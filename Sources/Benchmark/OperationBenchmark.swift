import IR
import Ops
import Passes
import Planning
import Runtime

/// Times single operations.
public struct OperationBenchmark {
  /// What one operation took.
  public struct Result: Sendable {
    /// Name of the case.
    public var name: String
    /// Its times.
    public var timing: Timing
    /// Arithmetic, convolutions counted as direct, and bytes of operands and results.
    public var cost: Cost
  }

  private let pool: ThreadPool
  private let kernels: KernelSelection
  private let budget: Double
  private let precision: OperandPrecision

  /// A benchmark that spends about `budget` seconds on each case, the operands of products held in a given precision.
  public init(pool: ThreadPool, kernels: KernelSelection, budget: Double, precision: OperandPrecision = .f32) {
    self.pool = pool
    self.kernels = kernels
    self.budget = budget
    self.precision = precision
  }

  /// Plans and times one case.
  public func run(_ operation: OperationCase) throws -> Result {
    var program = operation.program
    _ = NarrowWeights(operation.weights).run(on: &program)
    _ = SetPrecision(precision).run(on: &program)
    let store = ParameterStore(seed: 1)
    try store.add(program, narrowedFrom: operation.program)
    let executable = try Executable(
      try Planner.forRuntime().plan(program), store: store, pool: pool, kernels: kernels)
    var filler = InputFiller(executable, spec: nil, integerBound: operation.integerBound)
    let timing = try Timing(budget: budget) {
      try filler.fill()
    } body: {
      executable.run()
    }
    return Result(name: operation.name, timing: timing, cost: program.cost)
  }
}
