import IR
import Ops
import Planning
import Runtime
import Testing

@testable import Benchmark

/// Times estimated from a plan, on a machine of known speed.
@Suite struct TimeEstimateTests {
  private let peak = MachinePeak(flops: 1e11, readBytes: 1e10, handoff: 0)

  private func seconds(_ text: String) throws -> Double {
    let program = try ProgramParser.parse(text, registry: OpTable.registry)
    return TimeEstimate(peak: peak).seconds(try Planner.forRuntime().plan(program))
  }

  @Test func largeProductsTakeTheTimeOfTheirArithmetic() throws {
    let estimate = try seconds(
      """
      program @p(%x: f32[1024,1024], %w: f32[1024,1024]) -> (y: f32[1024,1024]) {
        %y = linear(%x, %w) : f32[1024,1024]
        return %y
      }
      """)
    let atPeak = 2 * 1024.0 * 1024 * 1024 / 1e11
    #expect(estimate > atPeak && estimate < 1.5 * atPeak)
  }

  @Test func fewRowsTakeTheTimeOfTheWeights() throws {
    let estimate = try seconds(
      """
      program @p(%x: f32[2,4096], %w: f32[4096,4096]) -> (y: f32[2,4096]) {
        %y = linear(%x, %w) : f32[2,4096]
        return %y
      }
      """)
    let reading = 4096 * 4096 * 4 / 1e10
    #expect(estimate > reading && estimate < 1.5 * reading)
  }
}
