import AllocationCounter
import IR
import Models
import Planning
import Spec
import Synchronization
import TestSupport
import Testing

@testable import Runtime

/// A run allocates nothing, on no thread: checked by standing in for the allocator.
@Suite struct AllocationTests {
  /// Allocations of every thread of a pool so far.
  private func allocations(_ pool: ThreadPool) -> [Int] {
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: pool.threadCount)
    defer { counts.deallocate() }
    pool.run(UnsafeRawPointer(counts)) { worker, argument in
      UnsafeMutablePointer(mutating: argument.assumingMemoryBound(to: Int.self))[worker] = facet_allocation_count()
    }
    return (0..<pool.threadCount).map { counts[$0] }
  }

  /// Allocations of each thread during some runs of a program that ran once before.
  private func allocations(_ executable: Executable, _ pool: ThreadPool, runs: Int) -> [Int] {
    executable.run()
    let before = allocations(pool)
    for _ in 0..<runs { executable.run() }
    return zip(allocations(pool), before).map { $0 - $1 }
  }

  /// What reading the counts itself allocates.
  private func ownAllocations(_ pool: ThreadPool) -> [Int] {
    let before = allocations(pool)
    return zip(allocations(pool), before).map { $0 - $1 }
  }

  @Test func countsAreReal() {
    guard facet_counts_allocations() != 0 else { return }
    let before = facet_allocation_count()
    var arrays: [[Int]] = []
    for count in 1...50 { arrays.append([Int](repeating: count, count: count)) }
    #expect(facet_allocation_count() - before >= 50)
    #expect(arrays.count == 50)
  }

  static let spec = ModelSpec(
    name: "small", image: ImageSpec(size: 16),
    tokenizer: TokenizerSpec(
      encoder: EncoderSpec(channels: 32, multipliers: [1, 2], residualBlocks: 1, latentChannels: 32),
      adapter: AdapterSpec(layers: 1, heads: 2),
      codebooks: [CodebookSpec(name: "a", size: 40, dim: 4), CodebookSpec(name: "b", size: 24, dim: 4)]),
    losses: LossesSpec(disentanglement: DisentanglementSpec(weight: 0.1)),
    generator: GeneratorSpec(layers: 2, width: 32, heads: 2, headLayers: 1))

  @Test(arguments: KernelSelection.available, [1, 2])
  func trainingStepsAllocateNothing(_ set: InstructionSet, threads: Int) throws {
    guard facet_counts_allocations() != 0 else { return }
    let generator = try #require(Generator(Self.spec, classes: 3))
    let programs = [
      try Tokenizer(Self.spec).trainProgram(batch: 2, totalSteps: 10),
      Tokenizer(Self.spec).reconstructProgram(batch: 1),
      try generator.trainProgram(batch: 2, totalSteps: 10), generator.prefillProgram(count: 2, guided: true),
      generator.stepProgram(count: 2, guided: true),
    ]
    let pool = ThreadPool(threadCount: threads)
    let store = ParameterStore(seed: 3)
    let own = ownAllocations(pool)
    for program in programs {
      let executable = try Executable(
        Planner.forRuntime().plan(program), store: store, pool: pool, kernels: KernelSelection(set))
      let found = allocations(executable, pool, runs: 5)
      #expect(found == own, "\(program.name) on \(set) allocates \(found) times in 5 runs, by thread")
    }
  }
}
