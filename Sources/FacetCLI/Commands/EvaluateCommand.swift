import ArgumentParser
import Passes
import Training

/// `facet evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures reconstructions (PSNR, SSIM) and the use of the codebooks over a folder of pictures.",
    discussion: """
      Where a discriminator has been trained, its mean logits of the pictures and of their reconstructions follow: the \
      closer they are, the less it can tell one from the other.
      """)

  @OptionGroup var model: ModelOptions

  @Option(help: "The folder of pictures; by default the data of the spec.", completion: .directory)
  var data: String?

  @Option(
    help: """
      How the weights of the tokenizer's linear layers are stored while pictures are reconstructed: f32, bf16, or int8 \
      with a scale per output channel. Convolutions keep theirs.
      """)
  var weights = WeightStorage.f32

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let model = try model.open(needsGenerator: false)
    let evaluation = try model.evaluate(data, weights: weights) { Console.complaint("facet: \($0)") }
    Console.result(json ? evaluation.json : EvaluationTable(evaluation).text)
  }
}
