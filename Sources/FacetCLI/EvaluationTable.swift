import Training

/// An evaluation for people.
struct EvaluationTable {
  /// The lines.
  let text: String

  init(_ evaluation: Evaluation) {
    let (joint, how) = (evaluation.joint, evaluation.procedure)
    var lines = [
      "PSNR  \(Quantity.measure(evaluation.psnr)) dB", "SSIM  \(Quantity.measure(evaluation.ssim))", "",
    ]
    var cells = [["codebook", "entries", "used", "perplexity"]]
    for book in evaluation.books {
      cells.append([book.name, "\(book.size)", Quantity.percent(book.usage), Quantity.measure(book.perplexity)])
    }
    lines += TextTable(cells).text.split(separator: "\n").map(String.init)
    if evaluation.books.count > 1 {
      lines.append(
        "jointly: \(joint.combinations) combinations, perplexity \(Quantity.measure(joint.perplexity)), "
          + "\(Quantity.measure(joint.sharedBits)) bits shared")
    }
    if let discriminator = evaluation.discriminator {
      lines.append(
        "discriminator: mean logit \(Quantity.measure(discriminator.real)) of the pictures, "
          + "\(Quantity.measure(discriminator.reconstructed)) of their reconstructions")
    }
    lines.append("")
    let step = how.tokenizerStep.map { "tokenizer after step \($0)" } ?? "random weights"
    let storage = how.weights == "f32" ? "" : ", weights of linear layers in \(how.weights)"
    lines.append("\(how.compared) of \(how.found) pictures in \(how.data), \(step)\(storage)")
    lines.append("\(how.crop); \(how.comparison)")
    text = lines.joined(separator: "\n")
  }
}
