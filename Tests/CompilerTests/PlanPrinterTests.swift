import Foundation
import IR
import Ops
import Planning
import Testing

@Suite struct PlanPrinterTests {
  private let text = """
    parameter @w : f32[128,64] = zeros
    parameter @b : f32[128] = zeros
    program @net(%x: f32[1000,64]) -> (y: f32[1000,128]) {
      %0 = linear(%x, @w, @b) : f32[1000,128]
      %1 = gelu(%0) : f32[1000,128]
      return %1
    }
    """

  @Test func table() throws {
    let program = try ProgramParser.parse(text, registry: OpTable.registry)
    let plan = try Planner { _, _ in 0 }.plan(program)
    #expect(
      PlanPrinter().print(plan) == """
        @net
          operations           2 (0 views, 1 in place)
          arithmetic           19.1 MFLOP
          memory traffic       1.74 MiB
          parameters           8_320 (32.5 KiB)
          state                0 B
          constants            0 B
          arena                750 KiB (first fit by start; order: as written)
            lower bound        750 KiB (live at 0 linear)
            nothing shared     1.22 MiB
            largest workspace  0 B
          total                783 KiB
          op      count    FLOP     bytes
          linear      1  16.5 M   783 KiB
          gelu        1  2.56 M  1000 KiB

        """)
  }

  @Test func jsonRoundTrip() throws {
    let program = try ProgramParser.parse(text, registry: OpTable.registry)
    let statistics = try Planner { _, _ in 0 }.plan(program).statistics
    let data = try JSONEncoder().encode(statistics)
    #expect(try JSONDecoder().decode(PlanStatistics.self, from: data) == statistics)
  }

  @Test func bytes() {
    #expect(PlanPrinter.bytes(0) == "0 B")
    #expect(PlanPrinter.bytes(1023) == "1023 B")
    #expect(PlanPrinter.bytes(1536) == "1.50 KiB")
    #expect(PlanPrinter.bytes(1_075_000) == "1.03 MiB")
    #expect(PlanPrinter.bytes(150 << 30) == "150 GiB")
  }
}
