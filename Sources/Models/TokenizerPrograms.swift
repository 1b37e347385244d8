import Autodiff
import IR
import Ops
import Spec

/// The programs of the tokenizer. All share one set of symbols.
extension Tokenizer {
  /// `tokenizer.encode`: image [B, H, W, 3] -> `codes.<name>` i32[B, h, w] for every sub-codebook.
  public func encodeProgram(batch: Int) -> Program {
    let builder = ProgramBuilder(name: "tokenizer.encode")
    let image = builder.input("image", imageType(batch: batch))
    let quantized = encode(GraphContext(builder: builder), image: image).quantized
    outputCodes(builder, quantized, batch: batch)
    return builder.program
  }

  /// `tokenizer.decode`: `codes.<name>` i32[B, h, w] -> image [B, H, W, 3].
  public func decodeProgram(batch: Int) -> Program {
    let builder = ProgramBuilder(name: "tokenizer.decode")
    let context = GraphContext(builder: builder)
    let codes = codebooks.map { builder.input("codes.\($0.spec.name)", codesType(batch: batch)) }
    let rows = zip(codebooks, codes).map { $0.lookup(context, $1) }
    builder.output("image", decode(context, rows: rows, batch: batch))
    return builder.program
  }

  /// `tokenizer.reconstruct`: image [B, H, W, 3] -> image [B, H, W, 3] and `codes.<name>` i32[B, h, w].
  public func reconstructProgram(batch: Int) -> Program {
    let builder = ProgramBuilder(name: "tokenizer.reconstruct")
    let context = GraphContext(builder: builder)
    let image = builder.input("image", imageType(batch: batch))
    let quantized = encode(context, image: image).quantized
    builder.output("image", decode(context, rows: quantized.map(\.entry), batch: batch))
    outputCodes(builder, quantized, batch: batch)
    return builder.program
  }

  /// `tokenizer.train`: one whole training step, from image [B, H, W, 3] (and `key` i32[2] where there is dropout) to
  /// updated symbols. Outputs: `loss.total`, every weighted term as `loss.<term>`, `gradient_norm`, `learning_rate`,
  /// `codes.<name>`.
  ///
  /// - Parameter totalSteps: Length of the run, for the learning-rate schedule.
  public func trainProgram(batch: Int, totalSteps: Int) throws(DifferentiationError) -> Program {
    let builder = ProgramBuilder(name: "tokenizer.train")
    let image = builder.input("image", imageType(batch: batch))
    let key = spec.tokenizer.encoder.dropout > 0 ? builder.input("key", .i32(2)) : nil
    let context = GraphContext(builder: builder, key: key)
    let forward = forward(context, image: image)
    let terms = losses(context, forward, image: image)
    let total = total(context, terms)
    let step = OptimizationStep(spec.training.tokenizer, prefix: "tokenizer", totalSteps: totalSteps)
    let measures = try step.emit(builder, loss: total)
    builder.output("loss.total", total)
    for term in terms { builder.output("loss.\(term.name)", term.value) }
    builder.output("gradient_norm", measures.gradientNorm)
    builder.output("learning_rate", measures.learningRate)
    outputCodes(builder, forward.quantized, batch: batch)
    return builder.program
  }

  private func outputCodes(_ builder: ProgramBuilder, _ quantized: [Codebook.Quantized], batch: Int) {
    for (book, result) in zip(codebooks, quantized) {
      builder.output(
        "codes.\(book.spec.name)", builder.reshape(result.indices, codesType(batch: batch).shape))
    }
  }
}
