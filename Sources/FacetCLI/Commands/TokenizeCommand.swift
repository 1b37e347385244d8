import ArgumentParser
import Training

/// `facet tokenize`.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Writes the codes of a folder of pictures to one file.",
    discussion: """
      The file is in the safetensors format: codes.NAME [pictures, tokens] for every codebook, and labels [pictures].
      """)

  @OptionGroup var model: ModelOptions

  @Argument(help: "The folder of pictures, its sub-folders the classes.", completion: .directory)
  var folder: String

  @Option(name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["safetensors"]))
  var output: String

  func run() throws {
    let model = try model.open(needsGenerator: false)
    let data = try TrainingData(model.spec, path: folder)
    let codes = try CodeSet.extract(
      model.session, data, crops: .single, tokenizerStep: model.tokenizerStep
    ) { Console.complaint("facet: \($0)") }
    try codes.save(output, books: model.spec.tokenizer.codebooks)
    Console.result("\(output): \(codes.count) pictures, \(codes.tokens) tokens each")
  }
}
