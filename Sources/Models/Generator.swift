import IR
import Ops
import Spec

/// The autoregressive generator with its factorized head as graphs (method section 3).
public struct Generator {
  /// The model's spec.
  public let spec: ModelSpec
  /// The generator's part of it.
  public let sizes: GeneratorSpec
  /// Number of classes; label `classes` means "no class".
  public let classes: Int

  /// The generator of a spec; nil where the spec has none.
  public init?(_ spec: ModelSpec, classes: Int) {
    guard let sizes = spec.generator else { return nil }
    self.spec = spec
    self.sizes = sizes
    self.classes = classes
  }

  /// Number of code positions.
  public var positions: Int { spec.grid * spec.grid }
  var books: [CodebookSpec] { spec.tokenizer.codebooks }
  var block: GeneratorBlock {
    GeneratorBlock(width: sizes.width, heads: sizes.heads, dropout: Float(sizes.dropout))
  }

  /// The rotary table: a zero row for the class, then one row per grid position.
  func rotaryTable(_ context: GraphContext) -> ValueID {
    let type = TensorType.f32(1 + positions, sizes.width / sizes.heads / 2, 2)
    return context.builder.symbol(
      Symbol(
        name: "generator.rotary", type: type, role: .constant, initializer: .rotary2D(grid: spec.grid, base: 10000)))
  }

  func classEmbedding(_ context: GraphContext, _ labels: ValueID) -> ValueID {
    let table = context.builder.parameter("class_embedding", [classes + 1, sizes.width], GeneratorBlock.weights)
    return context.builder.emitOne(Embedding(), table, labels)
  }

  /// Embedding [..., D] of one sub-codebook's codes [...].
  func embedding(_ context: GraphContext, _ book: CodebookSpec, _ codes: ValueID) -> ValueID {
    let table = context.builder.parameter("embedding.\(book.name)", [book.size, sizes.width], GeneratorBlock.weights)
    return context.builder.emitOne(Embedding(), table, codes)
  }

  /// One vector [..., D] per position from the k embeddings of its codes.
  func aggregate(_ context: GraphContext, _ embeddings: [ValueID]) -> ValueID {
    let axis = context.builder.shape(of: embeddings[0]).count - 1
    return context.linear(
      "aggregate", context.builder.concat(embeddings, axis: axis), out: sizes.width, weights: GeneratorBlock.weights,
      biases: .zeros)
  }

  /// Logits [N, K_i] of sub-codebook i from normalised head states [N, D].
  func logits(_ context: GraphContext, _ index: Int, _ state: ValueID) -> ValueID {
    context.linear("output.\(books[index].name)", state, out: books[index].size, bias: false, weights: .zeros)
  }

  /// Logits of teacher-forced training, one [B * S, K_i] per sub-codebook, from codes i32[B, S] and labels i32[B].
  public func logits(_ context: GraphContext, codes: [ValueID], labels: ValueID) -> [ValueID] {
    let builder = context.builder
    return builder.scoped("generator") {
      let shape = builder.shape(of: codes[0])
      let (batch, length, width) = (shape[0], shape[1], sizes.width)
      let table = rotaryTable(context)
      let embeddings = zip(books, codes).map { embedding(context, $0, $1) }
      let first = builder.reshape(classEmbedding(context, labels), [batch, 1, width])
      var h = first
      if length > 1 {
        let tokens = builder.slice(aggregate(context, embeddings), axis: 1, 0, length - 1)
        h = builder.concat([first, tokens], axis: 1)
      }
      h = context.dropout(h, rate: Float(sizes.tokenDropout))
      let attention = Attention(scale: 1 / Float(block.depth).squareRoot(), causal: true)
      for layer in 0..<sizes.layers {
        h = block(context, "block.\(layer)", h, table: table) { builder.emit(attention, [$0])[0] }
      }
      let short = ([h] + embeddings.dropLast()).map { builder.reshape($0, [batch * length, 1, width]) }
      var y = builder.concat(short, axis: 1)
      for layer in 0..<sizes.headLayers {
        y = block(context, "head.\(layer)", y, table: table) { builder.emit(attention, [$0])[0] }
      }
      y = context.rmsNorm("norm", y)
      return books.indices.map { index in
        logits(context, index, builder.reshape(builder.slice(y, axis: 1, index, index + 1), [batch * length, width]))
      }
    }
  }

  /// The cross-entropy of every sub-codebook (each unweighted) and their mean.
  public func losses(
    _ context: GraphContext, logits: [ValueID], codes: [ValueID]
  ) -> (terms: [ValueID], total: ValueID) {
    let builder = context.builder
    return builder.withScope("losses.cross_entropy") {
      let terms = zip(logits, codes).map { logits, codes in
        builder.emit(CrossEntropy(), [logits, builder.reshape(codes, [builder.type(of: codes).count])])[0]
      }
      let sum = terms.dropFirst().reduce(terms[0]) { builder.add($0, $1) }
      return (terms, terms.count == 1 ? sum : builder.affine(sum, scale: 1 / Float(terms.count)))
    }
  }
}
