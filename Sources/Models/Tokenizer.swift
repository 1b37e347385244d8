import IR
import Ops
import Spec

/// The factorized tokenizer as graphs (method section 1 and 2).
public struct Tokenizer {
  /// The model's spec.
  public let spec: ModelSpec

  /// The tokenizer of a spec.
  public init(_ spec: ModelSpec) { self.spec = spec }

  /// The sub-codebooks in concatenation order.
  public var codebooks: [Codebook] { spec.tokenizer.codebooks.map { Codebook($0, spec.tokenizer.quantizer) } }

  private var isResidual: Bool { spec.tokenizer.quantizer.kind == .residual }

  /// Type of a batch of images.
  public func imageType(batch: Int) -> TensorType { .f32(batch, spec.image.size, spec.image.size, 3) }

  /// Type of one sub-codebook's codes for a batch.
  public func codesType(batch: Int) -> TensorType { .i32(batch, spec.grid, spec.grid) }

  /// The forward pass of one batch with everything that losses and tests look at.
  public struct Forward {
    /// Feature maps of the heads [B, h, w, latent_channels].
    public var features: [ValueID]
    /// Quantization results by sub-codebook.
    public var quantized: [Codebook.Quantized]
    /// The reconstruction [B, H, W, 3].
    public var reconstruction: ValueID
  }

  /// Encodes and quantizes.
  public func encode(_ context: GraphContext, image: ValueID) -> (features: [ValueID], quantized: [Codebook.Quantized])
  {
    let encoder = Encoder(spec)
    let features = encoder.features(context, image: image)
    let latents = encoder.latents(context, features: features)
    guard isResidual else { return (features, zip(codebooks, latents).map { $0.quantize(context, $1) }) }
    var rest = latents[0]
    return (
      features,
      codebooks.map { book in
        let quantized = book.quantize(context, rest)
        rest = context.builder.sub(quantized.latent, context.builder.stopGradient(quantized.entry))
        return quantized
      }
    )
  }

  /// What the decoder takes from quantized vectors: the rows of every sub-codebook, or under residual quantization their
  /// sum. `trains` chooses rows with gradients for the latents.
  func decoderRows(_ context: GraphContext, _ quantized: [Codebook.Quantized], trains: Bool) -> [ValueID] {
    guard isResidual else { return quantized.map { trains ? $0.straightThrough : $0.entry } }
    let builder = context.builder
    return builder.withScope("quantizer.sum") {
      let sum = quantized.dropFirst().reduce(quantized[0].entry) { builder.add($0, $1.entry) }
      return [trains ? codebooks[0].passed(builder, quantized[0].latent, to: sum) : sum]
    }
  }

  /// The decoder's rows for entries [N, d_i] that were looked up.
  func decoderRows(_ context: GraphContext, entries: [ValueID]) -> [ValueID] {
    guard isResidual else { return entries }
    let builder = context.builder
    return [builder.withScope("quantizer.sum") { entries.dropFirst().reduce(entries[0]) { builder.add($0, $1) } }]
  }

  /// Decodes rows [N, d_i], as `decoderRows` gives them.
  public func decode(_ context: GraphContext, rows: [ValueID], batch: Int) -> ValueID {
    let grids = rows.map { row in
      context.builder.reshape(row, [batch, spec.grid, spec.grid, context.builder.type(of: row).lastExtent])
    }
    return Decoder(spec).image(context, quantized: grids)
  }

  /// The whole forward pass. Where the context has a random key the decoder may see perturbed codes; `quantized` holds
  /// the codes that were chosen.
  public func forward(_ context: GraphContext, image: ValueID) -> Forward {
    let batch = context.builder.shape(of: image)[0]
    let (features, quantized) = encode(context, image: image)
    let seen = zip(codebooks, quantized).map { $0.perturbed(context, $1, batch: batch) }
    let rows = decoderRows(context, seen, trains: true)
    let reconstruction = decode(context, rows: rows, batch: batch)
    return Forward(features: features, quantized: quantized, reconstruction: reconstruction)
  }

  /// A named, weighted term of the training loss.
  public struct Term {
    /// Name in metrics, for example `commitment.visual`.
    public var name: String
    /// Its contribution to the total.
    public var value: ValueID
  }

  /// All loss terms of a forward pass but the adversarial one. `teachers` holds class features [B, D] by the name of the
  /// teacher; codebooks whose teacher is not among them are not supervised.
  public func losses(
    _ context: GraphContext, _ forward: Forward, image: ValueID, teachers: [String: ValueID] = [:]
  ) -> [Term] {
    let builder = context.builder
    var terms: [Term] = []
    let reconstruction = ReconstructionLoss.loss(
      context, kind: spec.losses.reconstruction.kind, reconstruction: forward.reconstruction, image: image)
    let losses = spec.losses
    terms.append(
      Term(
        name: "reconstruction",
        value: context.weighted(reconstruction, losses.reconstruction.weight, losses.reconstruction.schedule)))
    if let perceptual = losses.perceptual, perceptual.weight > 0 {
      let distance = PerceptualLoss.loss(context, forward.reconstruction, image)
      terms.append(
        Term(name: "perceptual", value: context.weighted(distance, perceptual.weight, perceptual.schedule)))
    }
    for (book, quantized) in zip(codebooks, forward.quantized) {
      let name = book.spec.name
      for (kind, value) in CodebookLosses(context, quantized, book).terms {
        terms.append(Term(name: "\(kind).\(name)", value: value))
      }
    }
    let disentanglement = losses.disentanglement
    if disentanglement.weight > 0,
      let loss = DisentanglementLoss.loss(context, forward.quantized.map(\.straightThrough))
    {
      terms.append(
        Term(
          name: "disentanglement",
          value: context.weighted(loss, disentanglement.weight, disentanglement.schedule)))
    }
    let representation = losses.representation
    for (book, quantized) in zip(codebooks, forward.quantized) where representation.weight > 0 {
      guard let teacher = spec.teacher(of: book.spec), let feature = teachers[teacher.name] else { continue }
      let name = book.spec.name
      let head = RepresentationHead(
        width: teacher.width, layers: representation.layers, heads: representation.heads)
      let batch = builder.shape(of: image)[0]
      let tokens = builder.reshape(quantized.straightThrough, [batch, spec.grid * spec.grid, book.spec.dim])
      let prediction = head.prediction(context, name: name, quantized: tokens)
      let loss = RepresentationHead.loss(context, representation, prediction: prediction, teacher: feature)
      terms.append(
        Term(
          name: "representation.\(name)",
          value: context.weighted(loss, representation.weight, representation.schedule)))
    }
    return terms
  }

  /// The sum of terms, a scalar.
  public func total(_ context: GraphContext, _ terms: [Term]) -> ValueID {
    context.builder.withScope("losses.total") {
      terms.dropFirst().reduce(terms[0].value) { context.builder.add($0, $1.value) }
    }
  }
}
