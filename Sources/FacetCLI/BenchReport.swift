import Benchmark
import Diagnostics
import Foundation
import IR
import Models
import Planning
import Runtime

/// Benchmark results as tables and as JSON.
struct BenchReport {
  let peak: MachinePeak
  let threads: Int
  let instructionSet: InstructionSet

  private var heading: String {
    let machine = String(
      format: "%@, %d thread%@: peak %.1f GFLOP/s, reads %.1f GB/s", instructionSet.rawValue, threads,
      threads == 1 ? "" : "s", peak.flops * 1e-9, peak.readBytes * 1e-9)
    return machine + (threads == 1 ? "" : String(format: ", hand-off %.1f us", peak.handoff * 1e6)) + "\n\n"
  }

  private static let columns = ["median ms", "best ms", "cpu ms", "GFLOP/s", "of peak", "GB/s", "of reads"]

  private func cells(_ timing: Timing, _ cost: Cost) -> [String] {
    [timing.median, timing.best, timing.processorMedian].map { Self.milliseconds($0) } + rates(timing.best, cost)
  }

  private func rates(_ seconds: Double, _ cost: Cost) -> [String] {
    let (flops, bytes) = (Double(cost.flops) / seconds, Double(cost.bytes) / seconds)
    return [
      String(format: "%.1f", flops * 1e-9), Quantity.percent(flops / peak.flops), String(format: "%.1f", bytes * 1e-9),
      Quantity.percent(bytes / peak.readBytes),
    ]
  }

  private static func milliseconds(_ seconds: Double) -> String {
    String(format: seconds < 0.1 ? "%.3f" : "%.1f", seconds * 1e3)
  }

  // MARK: Operations

  /// One row per operation.
  func text(_ results: [OperationBenchmark.Result]) -> String {
    heading + TextTable([["operation"] + Self.columns] + results.map { [$0.name] + cells($0.timing, $0.cost) }).text
  }

  /// The same for machines.
  func json(_ results: [OperationBenchmark.Result]) -> JSON {
    .object(
      machine + [
        ("operations", .array(results.map { .object([("name", .string($0.name))] + fields($0.timing, $0.cost)) }))
      ])
  }

  private var machine: [(key: String, value: JSON)] {
    [
      ("instruction_set", .string(instructionSet.rawValue)), ("threads", .int(threads)),
      ("peak_flop_per_s", .number(peak.flops)), ("peak_read_bytes_per_s", .number(peak.readBytes)),
      ("handoff_s", .number(peak.handoff)),
    ]
  }

  private func fields(_ timing: Timing, _ cost: Cost) -> [(key: String, value: JSON)] {
    [
      ("median_s", .number(timing.median)), ("min_s", .number(timing.best)),
      ("cpu_s", .number(timing.processorMedian)), ("runs", .int(timing.wall.count)), ("flop", .int(cost.flops)),
      ("bytes", .int(cost.bytes)),
    ]
  }

  // MARK: Programs

  /// One row per program, then where the time of each goes.
  func text(_ results: [ProgramBenchmark.Result], top: Int) -> String {
    let rows = results.map { result in
      [result.name] + cells(result.timing, result.plan.statistics.cost)
        + [
          Self.milliseconds(TimeEstimate(peak: peak).seconds(result.plan)),
          PlanPrinter.bytes(result.plan.statistics.totalByteCount), PlanPrinter.bytes(result.peakResidentByteCount),
        ]
    }
    let table = TextTable([["program"] + Self.columns + ["estimate ms", "planned", "resident"]] + rows).text
    guard top > 0 else { return heading + table }
    return heading + table + results.map { "\n" + profile($0, top) }.joined()
  }

  private func profile(_ result: ProgramBenchmark.Result, _ top: Int) -> String {
    let total = result.profile.seconds
    let kinds = result.profile.kinds.prefix(top).map { kind in
      ["  " + kind.name, "\(kind.count)", Self.milliseconds(kind.seconds), Quantity.percent(kind.seconds / total)]
        + rates(kind.seconds, kind.cost)
    }
    let kernels = result.profile.kernels.prefix(top).map {
      ["  " + $0.name, Self.milliseconds($0.seconds), Quantity.percent($0.seconds / total)]
    }
    let head = ["\(result.name) by operation", "count", "ms", "of time", "GFLOP/s", "of peak", "GB/s", "of reads"]
    return TextTable([head] + kinds).text + "\n"
      + TextTable([["\(result.name) by kernel", "ms", "of time"]] + kernels).text
  }

  /// The same for machines.
  func json(_ results: [ProgramBenchmark.Result], top: Int) -> JSON {
    let programs = results.map { result -> JSON in
      let kinds = result.profile.kinds.prefix(top).map { kind in
        JSON.object([
          ("name", .string(kind.name)), ("count", .int(kind.count)), ("seconds", .number(kind.seconds)),
          ("flop", .int(kind.cost.flops)), ("bytes", .int(kind.cost.bytes)),
        ])
      }
      return .object(
        [("name", .string(result.name))] + fields(result.timing, result.plan.statistics.cost) + [
          ("estimate_s", .number(TimeEstimate(peak: peak).seconds(result.plan))),
          ("planned_bytes", .int(result.plan.statistics.totalByteCount)),
          ("max_rss_bytes", .int(result.peakResidentByteCount)), ("profile", .array(kinds)),
        ])
    }
    return .object(machine + [("programs", .array(programs))])
  }

  // MARK: For another framework

  /// Operands, results and attributes of single operations.
  static func peer(_ cases: [OperationCase]) -> JSON {
    .array(
      cases.map { item in
        .object([("name", .string(item.name))] + item.program.operations.flatMap { fields($0, item.program) })
      })
  }

  /// Inputs, outputs and every operation of programs.
  static func peer(_ programs: ModelPrograms, _ names: [String]) throws -> JSON {
    .array(
      try names.compactMap { name in
        guard let program = try programs.program(name) else { return nil }
        func ports(_ ports: [ProgramPort]) -> JSON {
          .object(ports.map { ($0.name, .string("\(program.type(of: $0.value))")) })
        }
        return .object([
          ("name", .string(name)), ("inputs", ports(program.inputs)), ("outputs", ports(program.outputs)),
          ("parameters", .int(program.parameterCount)), ("flop", .int(program.cost.flops)),
          ("operations", .array(program.operations.map { .object(fields($0, program)) })),
        ])
      })
  }

  private static func fields(_ operation: IR.Operation, _ program: Program) -> [(key: String, value: JSON)] {
    func types(_ values: [ValueID]) -> JSON { .array(program.types(of: values).map { .string($0.description) }) }
    return [
      ("op", .string(operation.op.mnemonic)), ("attributes", .string(operation.op.attributeText)),
      ("operands", types(operation.operands)), ("results", types(operation.results)),
      ("flop", .int(operation.cost(in: program).flops)),
    ]
  }
}

extension PlanStatistics {
  /// Arithmetic and traffic together.
  fileprivate var cost: Cost { Cost(flops: flops, bytes: bytesMoved) }
}
