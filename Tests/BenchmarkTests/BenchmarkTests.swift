import Foundation
import IR
import Models
import Ops
import Runtime
import Spec
import Testing
import Training

@testable import Benchmark

@Suite struct BenchmarkTests {
  @Test func operationCasesVerifyAndHaveNamesOfTheirOwn() throws {
    let cases = OperationCase.all
    #expect(Set(cases.map(\.name)).count == cases.count)
    for item in cases {
      try item.program.verify()
      #expect(item.program.operations.count == 1, "\(item.name)")
      #expect(item.program.cost.bytes > 0, "\(item.name)")
    }
  }

  @Test func operationRunsAreTimedAndSorted() throws {
    let item = try #require(OperationCase.all.first { $0.name == "layer_norm 512x256" })
    let benchmark = OperationBenchmark(pool: ThreadPool(threadCount: 2), kernels: try KernelSelection(), budget: 0)
    let result = try benchmark.run(item)
    #expect(result.timing.wall.count == 3)
    #expect(result.timing.wall == result.timing.wall.sorted())
    #expect(result.timing.best > 0 && result.timing.best <= result.timing.median)
    #expect(result.cost == item.program.cost)
  }

  @Test func peaksArePositive() throws {
    let peak = MachinePeak(pool: ThreadPool(threadCount: 1), kernels: try KernelSelection())
    #expect(peak.flops > 1e8 && peak.flops.isFinite)
    #expect(peak.readBytes > 1e7 && peak.readBytes.isFinite)
  }

  private static var small: ModelSpec {
    ModelSpec(
      name: "small", image: ImageSpec(size: 16),
      tokenizer: TokenizerSpec(
        encoder: EncoderSpec(channels: 32, multipliers: [1, 1], residualBlocks: 1, latentChannels: 32),
        adapter: AdapterSpec(layers: 1, heads: 2),
        codebooks: [CodebookSpec(name: "a", size: 32, dim: 8), CodebookSpec(name: "b", size: 16, dim: 8)]))
  }

  @Test func profileCoversEveryCallAndCostsAddUp() throws {
    let session = try ModelSession(Self.small, threadCount: 1)
    let benchmark = ProgramBenchmark(session, programs: ModelPrograms(Self.small, classes: 0), budget: 0)
    let result = try #require(try benchmark.run("tokenizer.reconstruct"))
    let profile = result.profile
    #expect(profile.calls.allSatisfy { $0.seconds.isFinite && $0.seconds >= 0 })
    let byKind = profile.kinds.reduce(0) { $0 + $1.seconds }
    #expect(abs(byKind - profile.seconds) < 1e-9)
    #expect(profile.kinds.reduce(0) { $0 + $1.cost.flops } == result.plan.statistics.flops)
    #expect(profile.kernels.contains { $0.name == "nearestCode" })
  }

  @Test func chromeTraceIsJSONWithOneEventPerCallBackToBack() throws {
    let session = try ModelSession(Self.small, threadCount: 1)
    let benchmark = ProgramBenchmark(session, programs: ModelPrograms(Self.small, classes: 0), budget: 0)
    let profile = try #require(try benchmark.run("tokenizer.encode")).profile
    let text = profile.chromeTrace(program: "tokenizer.encode")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let events = try #require(object["traceEvents"] as? [[String: Any]])
    #expect(events.count == profile.calls.count)
    var end = 0.0
    for event in events {
      let start = try #require(event["ts"] as? Double)
      #expect(abs(start - end) < 1e-3)
      end = start + (try #require(event["dur"] as? Double))
    }
  }

  @Test func unknownProgramsAreNotRun() throws {
    let session = try ModelSession(Self.small, threadCount: 1)
    let benchmark = ProgramBenchmark(session, programs: ModelPrograms(Self.small, classes: 0), budget: 0)
    let result = try benchmark.run("generator.step")
    #expect(result == nil)
  }
}
