import ArgumentParser
import Training

/// `facet evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures reconstructions (PSNR, SSIM) and the use of the codebooks over a folder of pictures.")

  @OptionGroup var model: ModelOptions

  @Option(help: "The folder of pictures; by default the data of the spec.", completion: .directory)
  var data: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let model = try model.open(needsGenerator: false)
    let evaluation = try model.evaluate(data) { Console.complaint("facet: \($0)") }
    Console.result(json ? evaluation.json : EvaluationTable(evaluation).text)
  }
}
