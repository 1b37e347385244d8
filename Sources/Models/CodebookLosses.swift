import IR
import Ops
import Spec

/// The losses of one sub-codebook (method section 1).
public struct CodebookLosses {
  /// mean (e - sg(z))^2.
  public var codebook: ValueID
  /// beta * mean (sg(e) - z)^2.
  public var commitment: ValueID
  /// ratio * (mean_n H(p_n) - H(mean_n p_n)); nil where the spec's weight is 0.
  public var entropy: ValueID?

  /// Emits the losses of quantized vectors.
  public init(_ context: GraphContext, _ quantized: Codebook.Quantized, _ spec: QuantizerSpec, name: String) {
    let builder = context.builder
    func distance(_ a: ValueID, _ b: ValueID) -> ValueID { builder.mean(builder.unary(.square, builder.sub(a, b))) }
    codebook = builder.withScope("losses.codebook.\(name)") {
      distance(quantized.entry, builder.stopGradient(quantized.latent))
    }
    commitment = builder.withScope("losses.commitment.\(name)") {
      builder.affine(
        distance(builder.stopGradient(quantized.entry), quantized.latent), scale: Float(spec.commitment))
    }
    if spec.entropy.weight > 0 {
      entropy = builder.withScope("losses.entropy.\(name)") {
        let op = EntropyLoss(temperature: Float(spec.entropy.temperature))
        let loss = builder.emit(op, [quantized.latent, quantized.entries])[0]
        return context.weighted(loss, spec.entropy.weight, spec.entropy.schedule)
      }
    }
  }

  /// All terms.
  public var terms: [ValueID] { [codebook, commitment] + (entropy.map { [$0] } ?? []) }
}
