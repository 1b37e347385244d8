import ArgumentParser
import Spec
import Training

/// `facet export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the weights of a run under the names of the reference implementation.")

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(name: .shortAndLong, help: "The safetensors file to write.")
  var output: String

  @Option(help: "What to write: tokenizer or generator.")
  var stage = Checkpoint.Stage.tokenizer

  @Flag(help: "Write the moving averages of the weights where the run keeps any.")
  var average = false

  func run() throws {
    let directory = RunDirectory(folder)
    let (spec, diagnostics) = SpecLoader.load(path: directory.specPath)
    guard let spec else { throw SpecFailure(diagnostics: diagnostics) }
    guard let newest = directory.checkpoints(stage).last else {
      throw Refusal.failed("\(folder) holds no \(stage.rawValue) checkpoint")
    }
    let result = try WeightExchange(spec).export(newest.path, to: output, average: average)
    Console.result("\(output): \(result.written) tensors of the \(stage.rawValue) after step \(newest.step)")
    if !result.unnamed.isEmpty {
      Console.result("without a name in the reference: \(result.unnamed.joined(separator: ", "))")
    }
  }
}
