import IR
import Ops
import Passes
import Planning
import Runtime

/// A training program that does not fit into its memory limit whatever is recomputed.
public struct MemoryLimitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The program.
  public var program: String
  /// The limit in bytes.
  public var limit: Int
  /// The fewest bytes with which the program can run.
  public var smallest: Int

  /// The smallest limit that works in MiB, as a spec states it.
  public var smallestMebibytes: Int { (smallest + (1 << 20) - 1) >> 20 }

  /// What is wrong, and the smallest limit that works.
  public var description: String {
    "\(program) cannot run in \(PlanPrinter.bytes(limit)) however much is recomputed; the smallest memory_limit that "
      + "works is \(smallestMebibytes)"
  }
}

/// What a program pays for fitting into memory.
public struct RecomputationPrice: Hashable, Sendable, Codable {
  /// Values that are computed twice.
  public var values: Int
  /// Floating-point operations that a run does more.
  public var flops: Int
  /// Bytes of the arena that are saved.
  public var savedBytes: Int
}

/// A program ready to be bound, with an account of how it came about.
public struct CompiledProgram: Sendable {
  /// The program as it was built.
  public var source: Program
  /// The plan of what runs every time.
  public var plan: Plan
  /// The plans of what follows from weights alone, one for each derived symbol.
  public var setup: [Plan] = []
  /// One report per pass.
  public var reports: [PassReport]
  /// What recomputation costs and saves, if anything is recomputed.
  public var price: RecomputationPrice?
}

extension PackConstantWeights {
  /// Packs what this machine's kernels would pack again in every run at a cost that shows.
  static let forRuntime = PackConstantWeights { PackedWeights.form(of: $0, in: $1) }
}

/// Turns programs into plans: runs the pipeline of the program's kind, which hoists what follows from weights alone, and
/// plans.
public struct ProgramCompiler: Sendable {
  /// Whether programs are optimized at all.
  public var optimizes = true
  /// Whether the program is verified after every pass.
  public var verifies = false
  /// How the operands of products may be held.
  public var precision: OperandPrecision
  /// Bytes that a training program may use, weights and optimizer state included; nil for as many as it likes.
  public var memoryLimit: Int?

  /// A compiler with default settings.
  public init(precision: OperandPrecision = .f32) { self.precision = precision }

  /// Compiles a program.
  ///
  /// - Parameter observe: Sees the program after every pass.
  /// - Throws: `MemoryLimitError` if a training program does not fit, `PassError` and `PlanError` for defects.
  public func compile(
    _ program: Program, observe: (PassReport, Program) -> Void = { _, _ in }
  ) throws -> CompiledProgram {
    guard optimizes else {
      var program = program
      _ = SetPrecision(precision).run(on: &program)
      let plan = try Planner.forRuntime().plan(program)
      try check(plan)
      return CompiledProgram(source: program, plan: plan, reports: [])
    }
    let manager = PassManager(verifies: verifies)
    let pipeline = Pipeline.of(program, precision: precision, packing: .forRuntime)
    var whole = program
    var reports = try manager.run(pipeline.preparation, on: &whole, observe: observe)
    let prepared = WeightHoisting.split(whole)
    var main = prepared.main
    var kept: Program?
    reports += try manager.run(pipeline.passes, on: &main) { report, program in
      if report.pass == Rematerialization().name { return observe(report, program) }
      kept = program
      observe(report, program)
    }
    var compiled = CompiledProgram(
      source: program, plan: try Planner.forRuntime().plan(main),
      setup: try prepared.setup.map { try Self.setup($0, manager) }, reports: reports)
    compiled.plan.statistics.count(setup: prepared.setup, of: main, areKept: Pipeline.trains(program))
    guard Pipeline.trains(program), let kept else { return compiled }
    let level = try level(kept, compiled.plan)
    if case .values = level {
      compiled.plan = try plan(kept, level)
      compiled.plan.statistics.count(setup: prepared.setup, of: kept, areKept: true)
    }
    compiled.price = try price(kept, compiled.plan)
    return compiled
  }

  private static func setup(_ program: Program, _ manager: PassManager) throws -> Plan {
    var program = program
    try manager.run(.of(program), on: &program)
    return try Planner.forRuntime().plan(program)
  }

  private func check(_ plan: Plan) throws {
    let needed = plan.statistics.totalByteCount
    guard let memoryLimit, needed > memoryLimit, Pipeline.trains(plan.program) else { return }
    throw MemoryLimitError(program: plan.program.name, limit: memoryLimit, smallest: needed)
  }

  private func plan(_ program: Program, _ level: Rematerialization.Level) throws -> Plan {
    var program = program
    _ = Rematerialization(level).run(on: &program)
    return try Planner.forRuntime().plan(program)
  }

  /// The least recomputation that fits: the free level does if it can, else so many costly values as it takes.
  private func level(_ program: Program, _ free: Plan) throws -> Rematerialization.Level {
    guard let memoryLimit, free.statistics.totalByteCount > memoryLimit else { return .free }
    let count = Rematerialization.costlyValueCount(program)
    var smallest = free.statistics.totalByteCount
    func fits(_ values: Int) throws -> Bool {
      let needed = try plan(program, .values(values)).statistics.totalByteCount
      smallest = min(smallest, needed)
      return needed <= memoryLimit
    }
    // More values hardly ever need more memory; where they do, a little more is recomputed than would be necessary.
    var (low, high) = (0, 1)
    while high < count, try !fits(high) { (low, high) = (high, 2 * high) }
    high = min(high, count)
    guard try fits(high) else {
      throw MemoryLimitError(program: program.name, limit: memoryLimit, smallest: smallest)
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if try fits(middle) { high = middle } else { low = middle }
    }
    return .values(high)
  }

  private func price(_ kept: Program, _ plan: Plan) throws -> RecomputationPrice? {
    let repeated = plan.program.operations.count - kept.operations.count
    guard repeated > 0 else { return nil }
    let cost = Rematerialization.price(from: kept, to: plan.program)
    let without = try Planner.forRuntime().plan(kept).arenaByteCount
    return RecomputationPrice(values: repeated, flops: cost.flops, savedBytes: without - plan.arenaByteCount)
  }
}
