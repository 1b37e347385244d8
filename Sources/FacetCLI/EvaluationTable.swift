import Training

/// An evaluation for people.
struct EvaluationTable {
  /// The lines.
  let text: String

  init(_ evaluation: TrainedModel.Evaluation) {
    var text = "images  \(evaluation.images)\n"
    text += "PSNR    \(Quantity.measure(evaluation.psnr)) dB\n"
    text += "SSIM    \(Quantity.measure(evaluation.ssim))\n"
    for name in evaluation.usage.keys.sorted() {
      text += "\(name): \(Quantity.percent(evaluation.usage[name] ?? 0)) used, perplexity "
      text += "\(Quantity.measure(evaluation.perplexity[name] ?? 0))\n"
    }
    text += "protocol: \(evaluation.protocolText)\n"
    self.text = text
  }
}
