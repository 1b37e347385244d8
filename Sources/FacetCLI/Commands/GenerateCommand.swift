import ArgumentParser
import Imaging
import Spec
import Training

/// `facet generate`.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Draws pictures of a class, or of every class.")

  @OptionGroup var model: ModelOptions

  @Option(name: .customLong("class"), help: "A class by name or number; all of them by default.")
  var className: String?

  @Option(help: "Pictures per class.")
  var count = 8

  @Option(help: "Seed of the draw.")
  var seed: Int32 = 0

  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var folder: OutputFolder

  func validate() throws {
    if count < 1 { throw ValidationError("--count is at least 1") }
  }

  func run() throws {
    let model = try model.open(needsGenerator: true)
    let chosen = try labels(model)
    let spec = sampling.applied(to: model.spec.sampling)
    try folder.create()
    let sampler = try Sampler(
      model.session, classes: model.classCount, count: count, guidance: Float(spec.guidance))
    let decoder = try ImageDecoder(model.session, batch: min(count, 8))
    var rows: [[Image]] = []
    for label in chosen {
      let codes = try sampler.generate(
        labels: Array(repeating: Int32(label), count: count), seed: seed, settings: SamplingSettings(spec))
      let images = try decoder.decode(codes)
      rows.append(images)
      let name = model.name(of: label)
      for (index, image) in images.enumerated() {
        Console.result(try PictureOutput.write(image, name: "\(name)-\(index).png", in: folder.output))
      }
    }
    if let sheet = ImageSheet().compose(groups: [rows]) {
      Console.result(try PictureOutput.write(sheet, name: "sheet.png", in: folder.output))
    }
  }

  private func labels(_ model: TrainedModel) throws -> [Int] {
    guard let className else { return Array(0..<model.classCount) }
    if let index = model.classes.firstIndex(of: className) { return [index] }
    if let number = Int(className), (0..<model.classCount).contains(number) { return [number] }
    let known = model.classes.count <= 24 ? ": " + model.classes.joined(separator: ", ") : ""
    throw Refusal.usage(
      "there is no class '\(className)'; the model has \(model.classCount) (0 to \(model.classCount - 1))\(known)")
  }
}
