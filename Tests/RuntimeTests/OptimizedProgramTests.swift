import IR
import Models
import Ops
import Passes
import TestSupport
import Testing

@testable import Runtime

/// Optimized programs against unoptimized ones, on whole training steps (forward, gradients, updates) of random
/// programs.
@Suite(.serialized) struct OptimizedProgramTests {
  static let pool = ThreadPool(threadCount: 2)

  /// The program after its pipeline and after a recomputation of all that can be recomputed, however small.
  static func optimized(_ program: Program) throws -> Program {
    var program = program
    var pipeline = Pipeline.of(program)
    let recompute = Rematerialization(.values(.max), smallest: 0, shortest: 2)
    pipeline.passes.append(PlacedPass(recompute, "nothing here is large enough for the pipeline's own"))
    try PassManager(verifies: true).run(pipeline, on: &program)
    return program
  }

  /// Whole programs of a small model.
  @Test(arguments: KernelSelection.available) func modelProgramsRunAsTheReferenceSays(_ set: InstructionSet) throws {
    let generator = try #require(Generator(ModelProgramRunTests.spec, classes: 3))
    let tokenizer = Tokenizer(ModelProgramRunTests.spec)
    for program in [
      try tokenizer.trainProgram(batch: 2, totalSteps: 9), tokenizer.reconstructProgram(batch: 2),
      try generator.trainProgram(batch: 2, totalSteps: 9), generator.stepProgram(count: 2, guided: true),
    ] {
      var random = RandomTensors(seed: 4)
      var inputs: [String: Tensor] = [:]
      for port in program.inputs {
        let type = program.type(of: port.value)
        inputs[port.name] = random.tensor(type, type.dtype == .i32 ? .integers(0..<3) : .signed)
      }
      if inputs["sampling"] != nil { inputs["sampling"] = Tensor(.f32(3), [0, 0, 1]) }
      let symbols = random.symbols(of: program)
      let optimized = try Self.optimized(program)
      #expect(optimized.operations.count != program.operations.count)
      let run = try RuntimeRun(optimized, inputs: inputs, symbols: symbols, on: set, pool: Self.pool)
      let failures = try StepwiseComparison(relative: 2e-5).run(run)
      #expect(failures.isEmpty, "\(program.name) on \(set): \(failures.joined(separator: "\n"))")
      let found = run.results()
      let expected = try RuntimeRun(program, inputs: inputs, symbols: symbols, on: set, pool: Self.pool).run()
      for (name, tensor) in expected where name.hasPrefix("loss") {
        guard let result = found[name] else { continue }
        let comparison = compare(result, to: tensor, TestSupport.Tolerance(absolute: 1e-5, relative: 1e-4))
        #expect(comparison.passes, "\(program.name), \(name): \(comparison)")
      }
    }
  }

  /// In double precision: what passes do is algebra. Only factors merged in single precision round differently.
  @Test(arguments: 0..<20) func meansTheSame(_ hundred: Int) throws {
    for seed in hundred * 100..<hundred * 100 + 100 {
      let subject = try RandomProgram(seed: seed, operationCount: 3...30).trainingStep()
      let program = try Self.optimized(subject.program)
      var (before, after) = (subject.symbols, subject.symbols)
      var expected = try ReferenceInterpreter.run(subject.program, inputs: subject.inputs, symbols: &before)
      var found = try ReferenceInterpreter.run(program, inputs: subject.inputs, symbols: &after)
      for (name, tensor) in before { expected["@" + name] = tensor }
      for (name, tensor) in after { found["@" + name] = tensor }
      #expect(found.keys.sorted() == expected.keys.sorted())
      for (name, tensor) in expected {
        guard let result = found[name] else { continue }
        let comparison = compare(result, to: tensor, TestSupport.Tolerance(absolute: 1e-5, relative: 1e-5))
        if !comparison.passes {
          Issue.record("seed \(seed), \(name): \(comparison)\n\(ProgramPrinter().print(program))")
        }
      }
    }
  }

  /// Operation by operation, on every instruction set: fused kernels, in-place results and the plan.
  @Test(arguments: 0..<300) func runsAsTheReferenceSays(_ seed: Int) throws {
    let subject = try RandomProgram(seed: seed).trainingStep()
    let program = try Self.optimized(subject.program)
    let sets = KernelSelection.available
    let run = try RuntimeRun(
      program, inputs: subject.inputs, symbols: subject.symbols, on: sets[seed % sets.count], pool: Self.pool)
    let failures = try StepwiseComparison().run(run)
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))\n\(ProgramPrinter().print(program))")
  }

  /// From end to end on the runtime, both ways.
  @Test(arguments: 0..<20) func runsLikeTheUnoptimizedProgram(_ fifty: Int) throws {
    for seed in 5000 + fifty * 50..<5000 + fifty * 50 + 50 {
      let subject = try RandomProgram(seed: seed, operationCount: 3...10).trainingStep()
      func results(_ program: Program) throws -> [String: Tensor] {
        let set = KernelSelection.available.last ?? .baseline
        return try RuntimeRun(program, inputs: subject.inputs, symbols: subject.symbols, on: set, pool: Self.pool).run()
      }
      let expected = try results(subject.program)
      let found = try results(Self.optimized(subject.program))
      for name in ["loss", "norm"] {
        guard let wanted = expected[name], let result = found[name] else { continue }
        let comparison = compare(result, to: wanted, TestSupport.Tolerance(absolute: 2e-5, relative: 2e-4))
        #expect(comparison.passes, "seed \(seed), \(name): \(comparison)")
      }
    }
  }
}
