import ArgumentParser
import Models
import Ops
import Spec
import Storage
import Training
import Visualization

/// `facet graph`.
struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Draws a program of a spec as a graph of model parts.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case dot, svg
  }

  @OptionGroup var input: SpecArgument

  @Option(name: .shortAndLong, help: "The program, for example tokenizer.encode.")
  var program = "tokenizer.reconstruct"

  @Option(help: "How far the program has come: lowered, differentiated or optimized.")
  var stage = ProgramStage.differentiated

  @Option(help: "The language: dot or svg.")
  var format = Format.svg

  @OptionGroup var operands: PrecisionOptions

  @Option(help: "Components of a part's name that tell parts apart; 0 shows every part.")
  var depth = 2

  @Option(name: .shortAndLong, help: "The file to write; stdout by default.")
  var output: String?

  func validate() throws {
    if depth < 0 { throw ValidationError("--depth is at least 0") }
  }

  func run() throws {
    let spec = operands.applied(to: try input.load())
    let program = try ModelPrograms(spec).named(program)
    let graph = GraphModel(try stage.apply(program, precision: OperandPrecision(spec.training.precision)), depth: depth)
    let text = format == .dot ? DOTRenderer.render(graph) : SVGRenderer.render(graph)
    if let output {
      try AtomicFile.write(text, to: output)
    } else {
      Console.result(text, terminator: "")
    }
  }
}
