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
    let rows = decoderRows(context, entries: zip(codebooks, codes).map { $0.lookup(context, $1) })
    builder.output("image", decode(context, rows: rows, batch: batch))
    return builder.program
  }

  /// `tokenizer.reconstruct`: image [B, H, W, 3] -> image [B, H, W, 3] and `codes.<name>` i32[B, h, w].
  public func reconstructProgram(batch: Int) -> Program {
    let builder = ProgramBuilder(name: "tokenizer.reconstruct")
    let context = GraphContext(builder: builder)
    let image = builder.input("image", imageType(batch: batch))
    let quantized = encode(context, image: image).quantized
    builder.output("image", decode(context, rows: decoderRows(context, quantized, trains: false), batch: batch))
    outputCodes(builder, quantized, batch: batch)
    return builder.program
  }

  func outputCodes(_ builder: ProgramBuilder, _ quantized: [Codebook.Quantized], batch: Int) {
    for (book, result) in zip(codebooks, quantized) {
      builder.output(
        "codes.\(book.spec.name)", builder.reshape(result.indices, codesType(batch: batch).shape))
    }
  }
}
