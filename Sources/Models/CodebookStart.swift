import IR
import Ops
import Spec

extension Codebook {
  /// Rounds of k-means.
  private static let rounds = 10

  /// Sets the entries to the means of k-means clusters of latents [N, d] as compared; returns the entries.
  func cluster(_ context: GraphContext, _ latents: ValueID, key: ValueID) -> ValueID {
    let builder = context.builder
    return builder.withScope("quantizer.\(spec.name).start") {
      var entries = randomLatents(context, latents, key)
      for _ in 0..<Self.rounds {
        let indices = builder.emitOne(NearestCode(), latents, entries)
        let (counts, sums) = clusters(builder, latents, indices)
        // An entry without latents stays where it is.
        let isHit = perRow(builder, builder.binary(.minimum, counts, builder.scalar(1)))
        let divisor = perRow(builder, builder.binary(.maximum, counts, builder.scalar(1)))
        let moved = builder.sub(builder.binary(.divide, sums, divisor), entries)
        entries = builder.add(entries, builder.mul(isHit, moved))
        if quantizer.normalize { entries = builder.emitOne(L2Normalize(), entries) }
      }
      assign(builder, table(builder), entries)
      if quantizer.ema > 0 {
        assign(builder, state(builder, "sum", [spec.size, spec.dim], .copy(of: symbolName)), entries)
        assign(
          builder, state(builder, "count", [spec.size], .ones), builder.emitOne(Constant(1, shape: [spec.size])))
      }
      return entries
    }
  }
}

extension Tokenizer {
  /// Latents per entry of the largest codebook with which k-means begins, as far as that takes no more than
  /// `mostStartBatches`.
  private static let startLatents = 8
  private static let mostStartBatches = 32

  /// Whether codebooks begin by k-means.
  public var startsByClustering: Bool {
    spec.tokenizer.quantizer.start == .kmeans && codebooks.allSatisfy(\.isLearned)
  }

  /// Codebooks whose latents `latentsProgram` gives: residual ones share those of the first.
  private var startingBooks: some Collection<Codebook> {
    codebooks.prefix(spec.tokenizer.quantizer.kind == .residual ? 1 : codebooks.count)
  }

  /// How many batches of images, the first of a run, have the latents from which codebooks begin.
  public func startBatches(batch: Int) -> Int {
    let wanted = Self.startLatents * (codebooks.map(\.spec.size).max() ?? 0)
    let latents = batch * spec.tokens
    return min(Self.mostStartBatches, max(1, (wanted + latents - 1) / latents))
  }

  /// `tokenizer.latents`: image [B, H, W, 3] to the latents [B T, d] of every codebook, as they are compared with entries:
  /// outputs `latents.<codebook>`, one for all where codes are residual. Nil where the spec asks for no k-means.
  public func latentsProgram(batch: Int) -> Program? {
    guard startsByClustering else { return nil }
    let builder = ProgramBuilder(name: "tokenizer.latents")
    let image = builder.input("image", imageType(batch: batch))
    let context = GraphContext(builder: builder)
    let encoder = Encoder(spec)
    let latents = encoder.latents(context, features: encoder.features(context, image: image))
    for (book, latents) in zip(startingBooks, latents) {
      builder.output("latents.\(book.spec.name)", book.compared(context, latents))
    }
    return builder.program
  }

  /// `tokenizer.start`: sets learned codebooks by k-means on the latents of `startBatches`, inputs `latents.<codebook>`
  /// [N, d] as `latentsProgram` gives them and key i32[2]. Nil where the spec asks for no k-means.
  public func startProgram(batch: Int) -> Program? {
    guard startsByClustering else { return nil }
    let builder = ProgramBuilder(name: "tokenizer.start")
    let rows = startBatches(batch: batch) * batch * spec.tokens
    let latents = startingBooks.map { builder.input("latents.\($0.spec.name)", .f32(rows, $0.spec.dim)) }
    let key = builder.input("key", .i32(2))
    let context = GraphContext(builder: builder)
    var rest = latents[0]
    for (index, book) in codebooks.enumerated() {
      guard spec.tokenizer.quantizer.kind == .residual else {
        _ = book.cluster(context, latents[index], key: key)
        continue
      }
      let entries = book.cluster(context, rest, key: key)
      rest = builder.withScope("quantizer.\(book.spec.name).start") {
        builder.sub(rest, builder.emitOne(Embedding(), entries, builder.emitOne(NearestCode(), rest, entries)))
      }
    }
    return builder.program
  }
}
