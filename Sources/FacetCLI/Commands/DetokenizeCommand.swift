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
    let decoder = try ImageDecoder(model.session, batch: min(8, max(1, codes.count)))
    for first in stride(from: 0, to: codes.count, by: decoder.batch) {
      let range = first..<min(codes.count, first + decoder.batch)
      for (index, image) in zip(range, try decoder.decode(codes.codes, range)) {
        let digits = String(index)
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        Console.result(try PictureOutput.write(image, name: "\(padded).png", in: folder.output))
      }
    }
  }
}
