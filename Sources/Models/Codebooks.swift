import IR
import Ops
import Spec

/// One sub-codebook: its entries and nearest-entry search (method section 1).
public struct Codebook {
  /// Its sizes.
  public let spec: CodebookSpec
  /// What its entries are, and how they are chosen.
  public let quantizer: QuantizerSpec

  /// The sub-codebook of a spec.
  public init(_ spec: CodebookSpec, _ quantizer: QuantizerSpec) {
    self.spec = spec
    self.quantizer = quantizer
  }

  /// What quantization gives.
  public struct Quantized {
    /// Latent vectors [N, d] as compared with entries: of unit length where the spec normalises.
    public var latent: ValueID
    /// Entries [K, d] as compared.
    public var entries: ValueID
    /// Index of the nearest entry, i32[N].
    public var indices: ValueID
    /// That entry [N, d]; gradients reach a learned table.
    public var entry: ValueID
    /// The entry with a gradient for the latent [N, d].
    public var straightThrough: ValueID
  }

  /// Whether entries are learned, by gradient or by moving averages.
  public var isLearned: Bool { quantizer.kind == .vq || quantizer.kind == .residual }

  /// Name of the symbol that holds the entries.
  public var symbolName: String { "quantizer.\(spec.name).\(isLearned ? "codebook" : "lattice")" }

  /// The stored table [K, d].
  func table(_ builder: ProgramBuilder) -> ValueID {
    builder.withScope("quantizer.\(spec.name)") {
      switch quantizer.kind {
      case .vq, .residual:
        return builder.parameter("codebook", [spec.size, spec.dim], .unitRows(bound: 1 / Float(spec.size)))
      case .fsq, .lfq:
        let levels = quantizer.kind == .fsq ? spec.levels : Array(repeating: 2, count: spec.dim)
        return builder.symbol(
          Symbol(
            name: symbolName, type: .f32(spec.size, spec.dim), role: .constant,
            initializer: .lattice(levels: levels)))
      }
    }
  }

  /// Entries [K, d] as compared with latents.
  public func entries(_ context: GraphContext) -> ValueID {
    let table = table(context.builder)
    return context.builder.withScope("quantizer.\(spec.name)") {
      quantizer.normalize ? context.builder.emitOne(L2Normalize(), table) : table
    }
  }

  /// Latent vectors [..., d] as rows [N, d] to be compared with entries.
  public func compared(_ context: GraphContext, _ latents: ValueID) -> ValueID {
    let builder = context.builder
    return builder.withScope("quantizer.\(spec.name)") {
      let rows = builder.reshape(latents, [builder.type(of: latents).rowCount, spec.dim])
      if quantizer.kind == .fsq { return builder.unary(.tanh, rows) }
      return quantizer.normalize ? builder.emitOne(L2Normalize(), rows) : rows
    }
  }

  /// Quantizes latent vectors [..., d].
  public func quantize(_ context: GraphContext, _ latents: ValueID) -> Quantized {
    let builder = context.builder
    let entries = entries(context)
    let latent = compared(context, latents)
    return builder.withScope("quantizer.\(spec.name)") {
      let indices = builder.emitOne(NearestCode(), latent, entries)
      let entry = builder.emitOne(Embedding(), entries, indices)
      return Quantized(
        latent: latent, entries: entries, indices: indices, entry: entry,
        straightThrough: passed(builder, latent, to: entry))
    }
  }

  /// The entry, or a sum of entries, with a gradient for the latent.
  func passed(_ builder: ProgramBuilder, _ latent: ValueID, to entry: ValueID) -> ValueID {
    switch quantizer.gradient {
    case .straightThrough: builder.add(latent, builder.stopGradient(builder.sub(entry, latent)))
    case .rotation: rotated(builder, latent, to: entry)
    }
  }

  /// What the decoder sees of quantized vectors of `batch` images while training: under a perturbation some codes are
  /// those of near entries, and so are `indices`, `entry` and `straightThrough`.
  func perturbed(_ context: GraphContext, _ quantized: Quantized, batch: Int) -> Quantized {
    guard let perturbation = quantizer.perturbation, let key = context.key else { return quantized }
    let builder = context.builder
    return builder.withScope("quantizer.\(spec.name).perturbation") {
      let rows = builder.shape(of: quantized.indices)[0]
      let op = PerturbCodes(
        images: Float(perturbation.images), nearest: perturbation.nearest, stream: context.makeStream())
      let share =
        context.scheduled(perturbation.tokens, perturbation.schedule) ?? builder.scalar(Float(perturbation.tokens))
      let codes = builder.reshape(quantized.indices, [batch, rows / batch])
      var result = quantized
      result.indices = builder.reshape(builder.emitOne(op, codes, quantized.entries, share, key), [rows])
      result.entry = builder.emitOne(Embedding(), quantized.entries, result.indices)
      result.straightThrough = passed(builder, quantized.latent, to: result.entry)
      return result
    }
  }

  /// The rotation trick (Fifty et al. 2024): |e| / |z| (z - 2 (z r) r + 2 (z z') e'), with unit vectors z' and e' of
  /// latent and entry and r that of their sum, all but the first z of each product held constant. Its value is the entry.
  private func rotated(_ builder: ProgramBuilder, _ latent: ValueID, to entry: ValueID) -> ValueID {
    let width = spec.dim
    func dot(_ a: ValueID, _ b: ValueID) -> ValueID {
      builder.emitOne(
        Broadcast(at: 1, extents: [width]), builder.emitOne(ReduceSum(start: 1, end: 2), builder.mul(a, b)))
    }
    let (z, e) = (builder.stopGradient(latent), builder.stopGradient(entry))
    let (zUnit, eUnit) = (builder.emitOne(L2Normalize(), z), builder.emitOne(L2Normalize(), e))
    let middle = builder.emitOne(L2Normalize(), builder.add(zUnit, eUnit))
    let scale = builder.binary(.divide, dot(e, eUnit), builder.affine(dot(z, zUnit), scale: 1, offset: 1e-12))
    let mirrored = builder.sub(latent, builder.affine(builder.mul(dot(latent, middle), middle), scale: 2))
    let turned = builder.add(mirrored, builder.affine(builder.mul(dot(latent, zUnit), eUnit), scale: 2))
    return builder.mul(turned, builder.stopGradient(scale))
  }

  /// Entries [..., d] of given indices [...].
  public func lookup(_ context: GraphContext, _ indices: ValueID) -> ValueID {
    let entries = entries(context)
    return context.builder.withScope("quantizer.\(spec.name)") {
      context.builder.emitOne(Embedding(), entries, indices)
    }
  }
}
