import IR
import Ops
import Spec

/// The losses of one sub-codebook (method section 1).
public struct CodebookLosses {
  /// mean (e - sg(z))^2; nil where entries are not learned by gradient.
  public var codebook: ValueID?
  /// beta * mean (sg(e) - z)^2; nil where beta is 0.
  public var commitment: ValueID?
  /// ratio * (mean_n H(p_n) - H(mean_n p_n)); nil where the spec's weight is 0.
  public var entropy: ValueID?

  /// Emits the losses of quantized vectors.
  public init(_ context: GraphContext, _ quantized: Codebook.Quantized, _ book: Codebook) {
    let builder = context.builder
    let (spec, name) = (book.quantizer, book.spec.name)
    func distance(_ a: ValueID, _ b: ValueID) -> ValueID { builder.mean(builder.unary(.square, builder.sub(a, b))) }
    if book.isLearned && spec.ema == 0 {
      codebook = builder.withScope("losses.codebook.\(name)") {
        distance(quantized.entry, builder.stopGradient(quantized.latent))
      }
    }
    if spec.commitment > 0 {
      commitment = builder.withScope("losses.commitment.\(name)") {
        builder.affine(
          distance(builder.stopGradient(quantized.entry), quantized.latent), scale: Float(spec.commitment))
      }
    }
    if spec.entropy.weight > 0 {
      entropy = builder.withScope("losses.entropy.\(name)") {
        let op = EntropyLoss(temperature: Float(spec.entropy.temperature))
        let loss = builder.emit(op, [quantized.latent, quantized.entries])[0]
        return context.weighted(loss, spec.entropy.weight, spec.entropy.schedule)
      }
    }
  }

  /// All terms by kind.
  public var terms: [(kind: String, value: ValueID)] {
    [("codebook", codebook), ("commitment", commitment), ("entropy", entropy)].compactMap { kind, value in
      value.map { (kind, $0) }
    }
  }
}
