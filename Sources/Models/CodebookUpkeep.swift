import IR
import Ops
import Spec

/// Changes of learned codebooks that no gradient makes while they are trained: moving averages of the latents that chose
/// an entry, and restarts of entries that none chooses. All of it is graph.
extension Codebook {
  /// Decay of the hit counts where entries are learned by gradient.
  private static let countDecay: Float = 0.99
  /// Laplace smoothing of the hit counts.
  private static let smoothing: Float = 1e-5

  /// Name of the moving sum of latents beside a table of entries; nil for symbols that are no such table.
  public static func sumName(of parameter: String) -> String? {
    let parts = parameter.split(separator: ".")
    return parts.count == 3 && parts[0] == "quantizer" && parts[2] == "codebook" ? "quantizer.\(parts[1]).sum" : nil
  }

  /// Whether a symbol is a count or a sum that the upkeep of a codebook keeps.
  public static func keepsUp(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    return parts.count == 3 && parts[0] == "quantizer" && (parts[2] == "sum" || parts[2] == "count")
  }

  func state(_ builder: ProgramBuilder, _ name: String, _ shape: [Int], _ initializer: Initializer) -> ValueID {
    builder.symbol(
      Symbol(
        name: "quantizer.\(spec.name).\(name)", type: TensorType(.f32, shape), role: .state, initializer: initializer))
  }

  /// A value per entry [K] repeated over its elements [K, d].
  func perRow(_ builder: ProgramBuilder, _ value: ValueID) -> ValueID {
    builder.emitOne(Broadcast(at: 1, extents: [spec.dim]), value)
  }

  /// Hits of each entry [K] and sums of the latents that chose it [K, d].
  func clusters(
    _ builder: ProgramBuilder, _ latents: ValueID, _ indices: ValueID
  ) -> (counts: ValueID, sums: ValueID) {
    let rows = builder.shape(of: latents)[0]
    let segments = EmbeddingGradient(rows: spec.size)
    let ones = builder.emitOne(Constant(1, shape: [rows, 1]))
    return (
      builder.reshape(builder.emitOne(segments, indices, ones), [spec.size]),
      builder.emitOne(segments, indices, latents)
    )
  }

  func assign(_ builder: ProgramBuilder, _ symbol: ValueID, _ value: ValueID) {
    builder.emit(MovingAverage(decay: 0), [symbol, value])
  }

  /// Notes the upkeep of a training step for the end of the program; returns the number of entries restarted, f32[],
  /// where the spec restarts any.
  public func keepUp(_ context: GraphContext, latents: ValueID, indices: ValueID) -> ValueID? {
    guard isLearned, quantizer.ema > 0 || quantizer.restart.every > 0 else { return nil }
    let builder = context.builder
    return builder.withScope("quantizer.\(spec.name).upkeep") {
      let table = table(builder)
      let latents = builder.stopGradient(latents)
      let (counts, sums) = clusters(builder, latents, indices)
      let average = state(builder, "count", [spec.size], .ones)
      let total = quantizer.ema > 0 ? state(builder, "sum", [spec.size, spec.dim], .copy(of: symbolName)) : nil
      let restart = quantizer.restart.every > 0 ? restart(context, latents, average) : nil
      context.atEnd { context in
        let builder = context.builder
        let decay = quantizer.ema > 0 ? Float(quantizer.ema) : Self.countDecay
        builder.emit(MovingAverage(decay: decay), [average, counts])
        if let total {
          builder.emit(MovingAverage(decay: decay), [total, sums])
          assign(builder, table, means(builder, average, total))
        }
        guard let restart else { return }
        // mask (fresh - old) is added to what is there, so that entries in use do not change by a bit.
        let mask = perRow(builder, restart.mask)
        func replaced(_ old: ValueID) -> ValueID {
          builder.add(old, builder.mul(mask, builder.sub(restart.fresh, old)))
        }
        assign(builder, table, replaced(table))
        if let total { assign(builder, total, replaced(total)) }
        let raised = builder.mul(restart.mask, builder.affine(average, scale: -1, offset: 1))
        assign(builder, average, builder.add(average, raised))
      }
      return restart.map { builder.emitOne(ReduceSum(start: 0, end: 1), $0.mask) }
    }
  }

  /// Sums over smoothed counts, (n_j + eps) n / (n + K eps).
  private func means(_ builder: ProgramBuilder, _ counts: ValueID, _ sums: ValueID) -> ValueID {
    let all = builder.emitOne(ReduceSum(start: 0, end: 1), counts)
    let share = builder.binary(
      .divide, all, builder.affine(all, scale: 1, offset: Float(spec.size) * Self.smoothing))
    let smoothed = builder.mul(builder.affine(counts, scale: 1, offset: Self.smoothing), share)
    return builder.mul(sums, perRow(builder, builder.unary(.reciprocal, smoothed)))
  }

  /// 1 for entries [K] to be replaced at this step, and random latents [K, d] to replace them.
  private func restart(
    _ context: GraphContext, _ latents: ValueID, _ average: ValueID
  ) -> (mask: ValueID, fresh: ValueID)? {
    guard let key = context.key, let step = context.step else { return nil }
    let builder = context.builder
    let spec = quantizer.restart
    let gate = builder.emitOne(Schedule(.every, from: 0, to: 1, start: spec.after, span: spec.every), step)
    let shortage = builder.affine(average, scale: -1, offset: Float(spec.threshold))
    let mask = builder.binary(.reluGradient, shortage, gate)
    return (mask, randomLatents(context, latents, key))
  }

  func randomLatents(_ context: GraphContext, _ latents: ValueID, _ key: ValueID) -> ValueID {
    let builder = context.builder
    let draw = RandomIndices(
      count: spec.size, bound: builder.shape(of: latents)[0], stream: context.makeStream())
    return builder.emitOne(Embedding(), latents, builder.emitOne(draw, key))
  }
}
