import ArgumentParser
import Imaging
import Training

/// `facet reconstruct`.
struct ReconstructCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract: "Sends pictures through the tokenizer and back, and prints how close they come (PSNR in dB).")

  @OptionGroup var model: ModelOptions

  @Argument(help: "PNG files or folders of them.")
  var images: [String]

  @OptionGroup var folder: OutputFolder

  func run() throws {
    let input = try InputPictures(images)
    let model = try model.open(needsGenerator: false)
    try folder.create()
    let reconstructor = try Reconstructor(model.session, batch: min(8, input.files.count))
    var quality: [Double] = []
    var pairs: [(Image, Image)] = []
    let failures = try input.forEachBatch(of: reconstructor.batch, model: model) { files, originals in
      let reconstructions = try reconstructor.reconstruct(originals).images
      for index in files.indices {
        let psnr = try ImageQuality.psnr(originals[index], reconstructions[index].rgb.image)
        quality.append(psnr)
        if pairs.count < 64 { pairs.append((originals[index], reconstructions[index])) }
        let path = try PictureOutput.write(reconstructions[index], name: files[index].name, in: folder.output)
        Console.result("\(path)  \(Quantity.measure(psnr)) dB")
      }
    }
    if let sheet = ImageSheet.pairs(pairs) { try PictureOutput.write(sheet, name: "sheet.png", in: folder.output) }
    if quality.count > 1 {
      Console.result("mean of \(quality.count): \(Quantity.measure(quality.reduce(0, +) / Double(quality.count))) dB")
    }
    if failures > 0 { throw Refusal.failed("\(failures) of \(input.files.count) pictures could not be read") }
  }
}
