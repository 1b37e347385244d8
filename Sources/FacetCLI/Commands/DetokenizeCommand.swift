import ArgumentParser
import Foundation
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
    for range in (0..<codes.count).batches(of: decoder.batch) {
      for (index, image) in zip(range, try decoder.decode(codes.codes, range)) {
        let name = String(format: "%05ld.png", index)
        Console.result(try PictureOutput.write(image, name: name, in: folder.output))
      }
    }
  }
}
