import IR
import Ops
import Passes
import Planning
import Runtime
import Training

/// What the compiler made of one program, in numbers.
struct CompilationReport {
  /// Name of the program.
  var name: String
  /// Operations as built.
  var operationsBefore: Int
  /// The plan's numbers.
  var statistics: PlanStatistics
  /// Operations of the optimized program by the kind of fusion that made them.
  var fused: [(kind: String, count: Int)]
  /// One entry per pass.
  var passes: [PassReport]
  /// What recomputation costs, if anything is recomputed.
  var price: RecomputationPrice?
  /// Estimated seconds of a run on this machine, where that was asked for.
  var seconds: Double?

  /// - Parameter estimate: Estimates of times; nil for none, which makes the report the same on every machine.
  init(_ compiled: CompiledProgram, estimate: TimeEstimate? = nil) {
    seconds = estimate?.seconds(compiled.plan)
    name = compiled.source.name
    operationsBefore = compiled.source.operations.count
    statistics = compiled.plan.statistics
    passes = compiled.reports
    price = compiled.price
    var counts: [String: Int] = [:]
    for operation in compiled.plan.program.operations {
      if let kind = Self.fusion(operation) { counts[kind, default: 0] += 1 }
    }
    fused = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Operations that stand for several of the program as built.
  var fusedCount: Int { fused.reduce(0) { $0 + $1.count } }

  /// Floating-point operations per byte moved.
  var intensity: Double { Double(statistics.flops) / Double(max(1, statistics.bytesMoved)) }

  private static func fusion(_ operation: Operation) -> String? {
    func epilogue(_ name: String, _ epilogue: Epilogue) -> String? {
      guard epilogue != .none else { return nil }
      let activation = epilogue.activation == .none ? "" : " + \(epilogue.activation.rawValue)"
      return name + activation + (epilogue.addsResidual ? " + sum" : "")
    }
    switch operation.opCase {
    case .linear(let op): return epilogue("linear", op.epilogue)
    case .matmul(let op): return epilogue("matmul", op.epilogue)
    case .conv2D(let op):
      let name = op.upsample ? "upsample + conv2d" : "conv2d"
      return epilogue(name, op.epilogue) ?? (op.upsample ? name : nil)
    case .conv2DInputGradient(let op):
      let name = "conv2d input gradient" + (op.upsample ? " + upsample gradient" : "")
      return epilogue(name, op.epilogue) ?? (op.upsample ? name : nil)
    case .conv2DWeightGradient(let op):
      guard op.upsample || op.sumsBias else { return nil }
      return (op.upsample ? "upsample + " : "") + "conv2d weight gradient" + (op.sumsBias ? " + bias gradient" : "")
    case .groupNorm(let op): return op.activation == .silu ? "group_norm + silu" : nil
    case .groupNormGradient(let op):
      let sum = operation.operands.count > 6 ? " + sum" : ""
      return op.activation == .silu
        ? "group_norm + silu gradient" + sum : sum.isEmpty ? nil : "group_norm gradient + sum"
    case .layerNormGradient: return operation.operands.count > 5 ? "layer_norm gradient + sum" : nil
    case .rmsNormGradient: return operation.operands.count > 4 ? "rms_norm gradient + sum" : nil
    case .pointwise: return "pointwise"
    case .quantize: return "nearest_code + lookup + losses"
    case .adamGroup(let op): return "adam of \(op.count) parameters"
    default: return nil
    }
  }

  /// The full table: passes, fused groups, recomputation, then the plan.
  var text: String {
    var cells = [["pass", "operations", "change", "ms"]]
    for pass in passes where pass.changed {
      cells.append([
        pass.pass, "\(pass.operationsAfter)", "\(pass.operationsAfter - pass.operationsBefore)",
        Quantity.measure(pass.seconds * 1000),
      ])
    }
    let time = seconds.map { "  estimated time of a run on this machine: \(Quantity.measure($0 * 1000)) ms\n" } ?? ""
    return planText + time + (passes.isEmpty ? "" : "\n" + TextTable(cells).text)
  }

  /// The table without times, which are the same on every machine.
  var planText: String {
    var text = PlanPrinter().print(statistics)
    text +=
      "  operations as built: \(operationsBefore); arithmetic intensity: \(Quantity.measure(intensity)) FLOP/byte\n"
    if let price {
      text += "  recomputed: \(price.values) operations, \(Quantity.count(price.flops))FLOP more for "
      text += "\(PlanPrinter.bytes(price.savedBytes)) of working memory less\n"
    }
    if !fused.isEmpty {
      text += "  fused: " + fused.map { "\($0.count) x \($0.kind)" }.joined(separator: ", ") + "\n"
    }
    return text
  }
}

/// One row per program.
struct CompilationTable {
  /// The table, ending with a newline.
  let text: String

  init(_ reports: [CompilationReport]) {
    let head = [
      "program", "ops", "optimized", "fused", "FLOP", "moved", "FLOP/byte", "persistent", "arena", "lower bound",
      "total",
    ]
    var cells = [head + (reports.contains { $0.seconds != nil } ? ["about ms"] : [])]
    for report in reports {
      let numbers = report.statistics
      cells.append(
        [
          report.name, "\(report.operationsBefore)", "\(numbers.operationCount - numbers.aliasCount)",
          "\(report.fusedCount)", Quantity.count(numbers.flops), PlanPrinter.bytes(numbers.bytesMoved),
          Quantity.measure(report.intensity), PlanPrinter.bytes(numbers.persistentByteCount),
          PlanPrinter.bytes(numbers.arenaByteCount), PlanPrinter.bytes(numbers.lowerBoundByteCount),
          PlanPrinter.bytes(numbers.totalByteCount),
        ] + (report.seconds.map { [Quantity.measure($0 * 1000)] } ?? []))
    }
    text = TextTable(cells).text
  }
}
