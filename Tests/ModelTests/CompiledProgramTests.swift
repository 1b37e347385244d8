import Foundation
import IR
import Models
import Ops
import Passes
import Planning
import Spec
import TestSupport
import Testing

@testable import Training

/// What the compiler promises about the programs of the shipped specs, in full size.
@Suite struct CompiledProgramTests {
  private func programs(_ name: String) throws -> [Program] {
    let path = ShippedProgramTests.folder.appendingPathComponent(name).path
    let programs = ModelPrograms(try #require(SpecLoader.load(path: path).spec), classes: 10)
    return try programs.names.map { try #require(try programs.program($0)) }
  }

  private func program(_ name: String, of spec: String) throws -> Program {
    try #require(try programs(spec).first { $0.name == name })
  }

  @Test(arguments: ShippedProgramTests.names) func plansAreSoundTightAndFreeOfTransposes(_ name: String) throws {
    var compiler = ProgramCompiler()
    compiler.verifies = true
    for program in try programs(name) {
      let plan = try compiler.compile(program).plan
      let overlaps = ArenaAccount(plan).overlaps()
      #expect(overlaps.isEmpty, "\(program.name) of \(name): \(overlaps.prefix(3))")
      #expect(
        Double(plan.arenaByteCount) <= 1.05 * Double(plan.statistics.lowerBoundByteCount), "\(program.name) of \(name)")
      // Channels last from end to end: heads are found by strides, not by moving them.
      let text = ProgramPrinter().print(plan.program)
      #expect(!text.contains(" transpose("), "\(program.name) of \(name)")
      // Upsampling is part of the convolutions after it, and so is its gradient.
      #expect(!text.contains(" upsample(") && !text.contains(" upsample_gradient("), "\(program.name) of \(name)")
      #expect(plan.program.outputs.map(\.name) == program.outputs.map(\.name))
    }
  }

  /// PyTorch's step of this model peaks at 1279 MB; half of that is the promise, weights and moments included.
  @Test func aTrainingStepNeedsHalfOfWhatPyTorchNeeds() throws {
    let plan = try ProgramCompiler().compile(program("tokenizer.train", of: "bench-64.yaml")).plan
    #expect(plan.statistics.totalByteCount <= 600 << 20)
  }

  /// Queries, keys and values have weights of their own, of which inference keeps only what they are joined to.
  @Test func weightsThatAreJoinedBeforeAllRunsCount() throws {
    let compiled = try ProgramCompiler().compile(program("tokenizer.encode", of: "quickstart.yaml"))
    let names = compiled.plan.program.symbols.map(\.symbol.name)
    #expect(!names.contains("encoder.middle.1.q.weight") && names.contains { $0.contains("middle.1.q.weight.") })
    let statistics = compiled.plan.statistics
    #expect(statistics.parameterCount == compiled.source.parameterCount)
    #expect(statistics.persistentByteCount <= 4 * statistics.parameterCount + 1 << 10)
    #expect(statistics.persistentByteCount >= 4 * statistics.parameterCount)
  }

  @Test func aMemoryLimitIsKeptByRecomputing() throws {
    let program = try program("tokenizer.train", of: "bench-64.yaml")
    let free = try ProgramCompiler().compile(program)
    var compiler = ProgramCompiler()
    compiler.memoryLimit = free.plan.statistics.totalByteCount - (20 << 20)
    let limited = try compiler.compile(program)
    #expect(limited.plan.statistics.totalByteCount <= compiler.memoryLimit ?? 0)
    #expect(try #require(limited.price).flops > #require(free.price).flops)
    #expect(ArenaAccount(limited.plan).overlaps().isEmpty)
  }

  @Test func anImpossibleLimitNamesTheSmallestThatWorks() throws {
    let program = try program("tokenizer.train", of: "bench-64.yaml")
    var compiler = ProgramCompiler()
    compiler.memoryLimit = 64 << 20
    let error = #expect(throws: MemoryLimitError.self) { try compiler.compile(program) }
    let smallest = try #require(error).smallestMebibytes << 20
    compiler.memoryLimit = smallest
    #expect(try compiler.compile(program).plan.statistics.totalByteCount <= smallest)
    compiler.memoryLimit = smallest - (1 << 20)
    #expect(throws: MemoryLimitError.self) { try compiler.compile(program) }
  }

  @Test func withoutOptimizationNothingChanges() throws {
    let program = try program("tokenizer.train", of: "quickstart.yaml")
    var compiler = ProgramCompiler()
    compiler.optimizes = false
    let compiled = try compiler.compile(program)
    #expect(compiled.plan.program.operations.count == program.operations.count)
    #expect(compiled.reports.isEmpty && compiled.price == nil)
  }
}
