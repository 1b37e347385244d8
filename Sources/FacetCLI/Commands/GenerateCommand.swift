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

  @OptionGroup var storage: WeightOptions
  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var folder: OutputFolder

  func validate() throws {
    if count < 1 { throw ValidationError("--count is at least 1") }
  }

  func run() throws {
    let model = try model.open(needsGenerator: true, weights: storage.weights)
    let chosen = try labels(model)
    let spec = sampling.applied(to: model.spec.sampling)
    try folder.create()
    // Larger counts are drawn in rounds, so that memory does not grow with them.
    let rows = min(count, 32)
    let sampler = try Sampler(model.session, classes: model.classCount, count: rows, guidance: Float(spec.guidance))
    let decoder = try ImageDecoder(model.session, batch: min(rows, 8))
    var sheet: [[Image]] = []
    var drawing = Duration.zero
    for label in chosen {
      var shown: [Image] = []
      for (round, first) in stride(from: 0, to: count, by: rows).enumerated() {
        let began = ContinuousClock.now
        let codes = try sampler.generate(
          labels: Array(repeating: Int32(label), count: rows), seed: seed, round: Int32(round),
          settings: SamplingSettings(spec))
        drawing += ContinuousClock.now - began
        let images = try decoder.decode(codes).prefix(count - first)
        for (index, image) in images.enumerated() {
          let name = "\(model.name(of: label))-\(first + index).png"
          Console.result(try PictureOutput.write(image, name: name, in: folder.output))
        }
        if shown.isEmpty { shown = Array(images.prefix(16)) }
      }
      if sheet.count < ClassSheet.largestRowCount { sheet.append(shown) }
    }
    if let sheet = ImageSheet().compose(groups: [sheet]) {
      Console.result(try PictureOutput.write(sheet, name: "sheet.png", in: folder.output))
    }
    let rounds = (count + rows - 1) / rows
    let positions = Double(chosen.count * rounds * rows * model.spec.tokens)
    let speed = positions / (drawing / .seconds(1))
    Console.complaint("drawn at \(Quantity.measure(speed)) positions/s, \(rows) pictures at a time")
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
