import ArgumentParser
import Models
import Planning
import Spec
import Training

/// `facet compile`.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Plans every program of a spec and prints what it costs, before anything runs.")

  @OptionGroup var input: SpecArgument

  @Option(name: .shortAndLong, help: "Print the full table of one program, for example tokenizer.train.")
  var program: String?

  @Option(help: "Images per run of the programs that do not train.")
  var batch = 1

  @Option(help: "Refuse a program that needs more memory, for example 8GiB or 500MB.")
  var memoryLimit: ByteCount?

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch is at least 1") }
  }

  func run() throws {
    let spec = try input.load()
    var programs = ModelPrograms(spec, classes: try ClassNames(spec).names.count)
    programs.batch = batch
    let names = programs.names
    if let program, !names.contains(program) {
      throw Refusal.usage("there is no program '\(program)'; the spec has \(names.joined(separator: ", "))")
    }
    var statistics: [PlanStatistics] = []
    for name in program.map({ [$0] }) ?? names {
      guard let built = try programs.program(name) else { continue }
      statistics.append(try ModelSession.plan(built).statistics)
    }
    if program != nil, let only = statistics.first {
      Console.result(PlanPrinter().print(only), terminator: "")
    } else {
      Console.result(CostTable(statistics).text, terminator: "")
    }
    guard let memoryLimit else { return }
    let large = statistics.filter { $0.totalByteCount > memoryLimit.bytes }
    if let worst = large.max(by: { $0.totalByteCount < $1.totalByteCount }) {
      throw Refusal.failed(
        "\(worst.program) needs \(PlanPrinter.bytes(worst.totalByteCount)), more than the limit of \(memoryLimit)")
    }
  }
}
