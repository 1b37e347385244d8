import ArgumentParser
import Training

/// `facet detokenize`.
struct DetokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detokenize", abstract: "Turns a file of codes back into pictures.")

  @OptionGroup var model: ModelOptions

  @Argument(help: "The codes, as `facet tokenize` writes them.", completion: .file(extensions: ["safetensors"]))
  var codes: String

  @OptionGroup var folder: OutputFolder

  func run() throws {
    let model = try model.open(needsGenerator: false)
    let codes = try CodeSet.load(codes, model.spec)
    try folder.create()
    let images = try Decoder(model.session, batch: 8).decode(codes.codes)
    for (index, image) in images.enumerated() {
      let name = String(index)
      let padded = String(repeating: "0", count: max(0, 5 - name.count)) + name
      Console.result(try PictureOutput.write(image, name: "\(padded).png", in: folder.output))
    }
  }
}
