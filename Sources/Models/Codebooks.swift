import IR
import Ops
import Spec

/// One sub-codebook: l2-normalised entries and nearest-entry search (method section 1).
public struct Codebook {
  /// Its sizes.
  public let spec: CodebookSpec

  /// The sub-codebook of a spec.
  public init(_ spec: CodebookSpec) { self.spec = spec }

  /// What quantization gives.
  public struct Quantized {
    /// Unit-length latent vectors [N, d].
    public var latent: ValueID
    /// Unit-length entries [K, d].
    public var entries: ValueID
    /// Index of the nearest entry, i32[N].
    public var indices: ValueID
    /// That entry [N, d]; gradients reach the table.
    public var entry: ValueID
    /// The entry with the gradient of the latent: z + sg(e - z) [N, d].
    public var straightThrough: ValueID
  }

  /// Unit-length entries [K, d] of the table.
  public func entries(_ context: GraphContext) -> ValueID {
    context.builder.scoped("quantizer.\(spec.name)") {
      let table = context.builder.parameter(
        "codebook", [spec.size, spec.dim], .unitRows(bound: 1 / Float(spec.size)))
      return context.builder.emitOne(L2Normalize(), table)
    }
  }

  /// Quantizes latent vectors [..., d].
  public func quantize(_ context: GraphContext, _ latents: ValueID) -> Quantized {
    let builder = context.builder
    let entries = entries(context)
    return builder.scoped("quantizer.\(spec.name)") {
      let rows = builder.type(of: latents).rowCount
      let latent = builder.emitOne(L2Normalize(), builder.reshape(latents, [rows, spec.dim]))
      let indices = builder.emitOne(NearestCode(), latent, entries)
      let entry = builder.emitOne(Embedding(), entries, indices)
      let straightThrough = builder.add(latent, builder.stopGradient(builder.sub(entry, latent)))
      return Quantized(
        latent: latent, entries: entries, indices: indices, entry: entry, straightThrough: straightThrough)
    }
  }

  /// Entries [..., d] of given indices [...].
  public func lookup(_ context: GraphContext, _ indices: ValueID) -> ValueID {
    let entries = entries(context)
    return context.builder.scoped("quantizer.\(spec.name)") {
      context.builder.emitOne(Embedding(), entries, indices)
    }
  }
}
