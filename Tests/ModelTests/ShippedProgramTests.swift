import Foundation
import IR
import Models
import Ops
import Planning
import Runtime
import Spec
import TestSupport
import Testing

/// All programs of the specs that are shipped, in full size: text and plans.
@Suite struct ShippedProgramTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../specs").standardizedFileURL
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    .filter { $0.hasSuffix(".yaml") }

  private func programs(_ name: String) throws -> [Program] {
    let (spec, _) = SpecLoader.load(path: Self.folder.appendingPathComponent(name).path)
    let programs = ModelPrograms(try #require(spec), classes: 10)
    return try programs.names.map { try #require(try programs.program($0)) }
  }

  @Test func specsAreFound() { #expect(Self.names.count >= 7) }

  @Test(arguments: names) func textRoundTrips(_ name: String) throws {
    let printer = ProgramPrinter(showsScopes: true)
    for program in try programs(name) {
      let text = printer.print(program)
      let parsed = try ProgramParser.parse(text, registry: OpTable.registry)
      #expect(printer.print(parsed) == text, "\(program.name) of \(name)")
      #expect(parsed.cost == program.cost && parsed.parameterCount == program.parameterCount)
    }
  }

  /// A view of a symbol sees later updates where it is an alias, and not where a plan makes it a copy: no program may
  /// depend on that, so none reads a view after an update of its symbol.
  private func staleReads(_ program: Program) -> [String] {
    var updates = [Int](repeating: 0, count: program.values.count)
    var view: [ValueID: (symbol: ValueID, updates: Int)] = [:]
    for use in program.symbols { view[use.value] = (use.value, 0) }
    var stale: [String] = []
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands where program.symbol(of: operand) == nil {
        if let (symbol, seen) = view[operand], updates[symbol.index] != seen {
          stale.append("\(position) \(operation.op.mnemonic) of \(program.name)")
        }
      }
      switch operation.opCase {
      case .reshape, .stopGradient, .slice:
        if let (symbol, _) = view[operation.operands[0]] {
          view[operation.results[0]] = (symbol, updates[symbol.index])
        }
      default: break
      }
      for index in operation.op.mutatedOperands { updates[operation.operands[index].index] += 1 }
    }
    return stale
  }

  @Test(arguments: names) func viewsOfSymbolsAreReadBeforeUpdates(_ name: String) throws {
    for program in try programs(name) { #expect(staleReads(program) == [], "\(name)") }
  }

  @Test(arguments: names) func plansAreSoundAndTight(_ name: String) throws {
    for program in try programs(name) {
      let plan = try Planner.forRuntime().plan(program)
      let overlaps = ArenaAccount(plan).overlaps()
      #expect(overlaps.isEmpty, "\(program.name) of \(name): \(overlaps.prefix(3))")
      let statistics = plan.statistics
      #expect(plan.arenaByteCount >= statistics.lowerBoundByteCount)
      #expect(
        Double(plan.arenaByteCount) <= 1.05 * Double(statistics.lowerBoundByteCount), "\(program.name) of \(name)")
      #expect(statistics.lowerBoundByteCount <= statistics.naiveByteCount)
    }
  }
}
