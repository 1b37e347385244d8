import Autodiff
import Foundation
import IR
import Imaging
import Models
import Ops
import Runtime
import Spec
import TestSupport
import Testing

@testable import Training

/// Quantizers other than the paper's, and what keeps codebooks in use.
@Suite(.serialized) struct QuantizerTests {
  static func spec(_ quantizer: QuantizerSpec, books: [CodebookSpec]) -> ModelSpec {
    var spec = ModelSpec(
      name: "small", image: ImageSpec(size: 8),
      tokenizer: TokenizerSpec(
        encoder: EncoderSpec(
          channels: 8, multipliers: [1, 1], residualBlocks: 1, latentChannels: 8, normGroups: 4),
        adapter: AdapterSpec(layers: 1, heads: 2), codebooks: books, quantizer: quantizer),
      losses: LossesSpec(disentanglement: DisentanglementSpec(weight: 0)))
    spec.training.tokenizer.batch = 4
    return spec
  }

  private func pixels(_ count: Int) -> [Float] { (0..<count).map { sin(Float($0) * 0.7) * cos(Float($0 % 97)) } }

  /// Runs training steps on one batch.
  private func train(_ spec: ModelSpec, steps: Int, session: ModelSession? = nil) throws -> ModelSession {
    let session = try session ?? ModelSession(spec)
    let training = try TokenizerStep(session, totalSteps: 100, cacheFolder: "/nowhere")
    var images = pixels(4 * 8 * 8 * 3)
    try images.withUnsafeMutableBufferPointer { pixels in
      try training.startCodebooks { pixels }
      for step in 0..<steps { _ = try training.run(pixels, step: step) }
    }
    for measure in training.measures where steps > 0 { #expect(measure.value.isFinite, "\(measure.name)") }
    return session
  }

  /// A copy of a symbol's elements; the session owns the memory and must outlive the copying.
  private func contents(_ name: String, _ session: ModelSession) throws -> [Float] {
    try withExtendedLifetime(session) { Array(try #require(session.store.floats(name))) }
  }

  static let kinds: [(QuantizerSpec, [CodebookSpec])] = [
    (
      QuantizerSpec(gradient: .rotation),
      [CodebookSpec(name: "a", size: 16, dim: 4), CodebookSpec(name: "b", size: 8, dim: 4)]
    ),
    (QuantizerSpec(normalize: false, ema: 0.9), [CodebookSpec(name: "a", size: 16, dim: 4)]),
    (
      QuantizerSpec(start: .kmeans, restart: RestartSpec(every: 2, after: 2)),
      [CodebookSpec(name: "a", size: 16, dim: 4)]
    ),
    (
      QuantizerSpec(kind: .residual, normalize: false, start: .kmeans, ema: 0.9),
      [CodebookSpec(name: "a", size: 16, dim: 4), CodebookSpec(name: "b", size: 8, dim: 4)]
    ),
    (
      QuantizerSpec(kind: .fsq, normalize: false, commitment: 0, entropy: EntropySpec(weight: 0)),
      [CodebookSpec(name: "a", size: 30, dim: 3, levels: [5, 3, 2])]
    ),
    (QuantizerSpec(kind: .lfq, normalize: false), [CodebookSpec(name: "a", size: 16, dim: 4)]),
    (
      QuantizerSpec(gradient: .rotation, perturbation: PerturbationSpec(images: 0.5, nearest: 3)),
      [CodebookSpec(name: "a", size: 16, dim: 4), CodebookSpec(name: "b", size: 8, dim: 4)]
    ),
    (
      QuantizerSpec(kind: .residual, normalize: false, ema: 0.9, perturbation: PerturbationSpec(images: 1, nearest: 7)),
      [CodebookSpec(name: "a", size: 16, dim: 4), CodebookSpec(name: "b", size: 8, dim: 4)]
    ),
  ]

  @Test(arguments: kinds.indices)
  func trainsEncodesAndDecodes(_ index: Int) throws {
    let (quantizer, books) = Self.kinds[index]
    let spec = Self.spec(quantizer, books: books)
    let session = try train(spec, steps: 4)
    let images = (0..<2).map { image in
      Image(width: 8, height: 8, pixels: Array(pixels(192 * (image + 1)).suffix(192)))
    }
    let (pictures, codes) = try Reconstructor(session, batch: 2).reconstruct(images)
    let decoded = try ImageDecoder(session, batch: 2).decode(codes)
    #expect(pictures.map(\.pixels) == decoded.map(\.pixels), "decoding the codes is not reconstructing")
    for (book, codes) in zip(books, codes) { #expect(codes.allSatisfy { $0 >= 0 && $0 < Int32(book.size) }) }
  }

  @Test func gridCodesAreRoundedCoordinates() throws {
    let book = CodebookSpec(name: "a", size: 30, dim: 3, levels: [5, 3, 2])
    let codebook = Codebook(book, QuantizerSpec(kind: .fsq, normalize: false))
    let builder = ProgramBuilder(name: "fsq")
    let latents = builder.input("z", .f32(4, 3))
    builder.output("indices", codebook.quantize(GraphContext(builder: builder), latents).indices)
    let session = try ModelSession(Self.spec(QuantizerSpec(kind: .fsq, normalize: false), books: [book]))
    let program = try session.compile(builder.program)
    let z: [Float] = [-9, -9, -9, 9, 9, 9, 0.1, 0.1, 0.1, -0.6, 0.7, -0.2]
    _ = try program.input("z").update(from: z)
    program.run()
    let expected = (0..<4).map { row in
      zip([5, 3, 2], [1, 5, 15]).enumerated().reduce(Int32(0)) { sum, item in
        let (levels, weight) = item.element
        let unit = (Double(tanh(z[row * 3 + item.offset])) + 1) / 2 * Double(levels - 1)
        return sum + Int32(unit.rounded()) * Int32(weight)
      }
    }
    #expect(Array(try program.integerOutput("indices")) == expected)
  }

  /// The rotation that takes z to e keeps angles and scales lengths by |e| / |z|; its value is e.
  @Test func rotationKeepsAngles() throws {
    let codebook = Codebook(
      CodebookSpec(name: "a", size: 5, dim: 3), QuantizerSpec(normalize: false, gradient: .rotation))
    let builder = ProgramBuilder(name: "rotation")
    let latents = builder.input("z", .f32(2, 3))
    let quantized = codebook.quantize(GraphContext(builder: builder), latents)
    let weights = builder.input("g", .f32(2, 3))
    let loss = builder.emitOne(ReduceSum(start: 0, end: 2), builder.mul(quantized.straightThrough, weights))
    builder.output("passed", quantized.straightThrough)
    builder.output("entry", quantized.entry)
    builder.output("slope", try ReverseMode.gradients(of: loss, withRespectTo: [latents], in: builder)[0])
    let session = try ModelSession(
      Self.spec(codebook.quantizer, books: [codebook.spec]))
    let program = try session.compile(builder.program)
    let z: [Float] = [0.3, -0.8, 0.5, -1.2, 0.1, 0.4]
    let g: [Float] = [1, 2, -1, 0.5, -0.3, 0.9]
    _ = try program.input("z").update(from: z)
    _ = try program.input("g").update(from: g)
    program.run()
    let (passed, entry) = (Array(try program.output("passed")), Array(try program.output("entry")))
    #expect(relativeError(passed, entry) < 1e-5)
    let slope = Array(try program.output("slope"))
    func norm(_ v: ArraySlice<Float>) -> Float { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
    }
    for row in [0..<3, 3..<6] {
      // The adjoint of the rotation takes e back to z, so the gradient lies to z as the incoming one lies to e.
      #expect(abs(cosine(slope[row], z[row]) - cosine(g[row], entry[row])) < 1e-4)
      #expect(abs(norm(slope[row]) - norm(g[row]) * norm(entry[row]) / norm(z[row])) < 1e-4)
    }
  }

  @Test func movingAveragesAreClusterMeans() throws {
    // With a decay of 0 an entry that was hit becomes the mean of its latents, up to the smoothing.
    let codebook = Codebook(
      CodebookSpec(name: "a", size: 3, dim: 2), QuantizerSpec(normalize: false, ema: 1e-9))
    let builder = ProgramBuilder(name: "upkeep")
    let latents = builder.input("z", .f32(4, 2))
    let context = GraphContext(builder: builder)
    let indices = builder.emitOne(NearestCode(), latents, codebook.entries(context))
    #expect(codebook.keepUp(context, latents: latents, indices: indices) == nil)
    builder.output("indices", indices)
    context.finish()
    let session = try ModelSession(Self.spec(codebook.quantizer, books: [codebook.spec]))
    let program = try session.compile(builder.program)
    let table = try #require(session.store.floats(codebook.symbolName))
    _ = table.update(from: [1, 0, 0, 1, -1, -1])
    _ = try program.input("z").update(from: [0.9, 0.1, 1.1, 0.3, 0.2, 0.8, 2, 0.2])
    program.run()
    #expect(Array(try program.integerOutput("indices")) == [0, 0, 1, 0])
    let expected: [Float] = [4.0 / 3, 0.2, 0.2, 0.8]
    #expect(relativeError(Array(table.prefix(4)), expected) < 1e-3)
  }

  @Test func deadEntriesAreReplacedByLatents() throws {
    let quantizer = QuantizerSpec(normalize: false, restart: RestartSpec(every: 1, after: 0, threshold: 0.995))
    let codebook = Codebook(CodebookSpec(name: "a", size: 3, dim: 2), quantizer)
    let builder = ProgramBuilder(name: "restart")
    let latents = builder.input("z", .f32(4, 2))
    let context = GraphContext(
      builder: builder, key: builder.input("key", .i32(2)),
      step: OptimizationStep.counter(builder, prefix: "tokenizer"))
    let indices = builder.emitOne(NearestCode(), latents, codebook.entries(context))
    let restarted = try #require(codebook.keepUp(context, latents: latents, indices: indices))
    builder.output("restarted", restarted)
    context.finish()
    let session = try ModelSession(Self.spec(quantizer, books: [codebook.spec]))
    let program = try session.compile(builder.program)
    let table = try #require(session.store.floats(codebook.symbolName))
    _ = table.update(from: [1, 0, 0, 1, -5, -5])
    let z: [Float] = [0.9, 0.1, 1.1, 0.3, 0.2, 0.8, 2, 0.2]
    var counts: [Float] = []
    for _ in 0..<2 {
      _ = try program.input("z").update(from: z)
      _ = try program.integerInput("key").update(from: [1, 2])
      program.run()
      counts.append(try program.output("restarted")[0])
    }
    // Counts start at one hit per step and the last entry is never hit, so it is below the threshold at the second step.
    #expect(counts == [0, 1])
    #expect(Array(table.prefix(4)) == [1, 0, 0, 1])
    let rows = stride(from: 0, to: 8, by: 2).map { Array(z[$0..<$0 + 2]) }
    #expect(rows.contains { relativeError(Array(table.suffix(2)), $0) < 1e-5 })
  }

  @Test func kMeansFindsSeparateClusters() throws {
    let spec = Self.spec(QuantizerSpec(start: .kmeans), books: [CodebookSpec(name: "a", size: 4, dim: 4)])
    let session = try ModelSession(spec)
    _ = try train(spec, steps: 0, session: session)
    let table = try contents("quantizer.a.codebook", session)
    // Entries are unit means of unit latents.
    for row in 0..<4 {
      let norm = table[row * 4..<row * 4 + 4].reduce(Float(0)) { $0 + $1 * $1 }
      #expect(abs(norm - 1) < 1e-4)
    }
  }

  /// 16 latents of an image are fewer than eight for each of 4 entries.
  @Test(arguments: [QuantizerSpec.Kind.vq, .residual])
  func kMeansTakesAsManyBatchesAsItNeeds(_ kind: QuantizerSpec.Kind) throws {
    let images = pixels(2 * 8 * 8 * 3)
    func tables(batch: Int) throws -> (batches: Int, entries: [Float]) {
      let books = [CodebookSpec(name: "a", size: 4, dim: 4), CodebookSpec(name: "b", size: 4, dim: 4)]
      var spec = Self.spec(QuantizerSpec(kind: kind, normalize: kind == .vq, start: .kmeans), books: books)
      spec.training.tokenizer.batch = batch
      let session = try ModelSession(spec)
      let training = try TokenizerStep(session, totalSteps: 100, cacheFolder: "/nowhere")
      var batches = 0
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: batch * 8 * 8 * 3)
      defer { buffer.deallocate() }
      try training.startCodebooks {
        _ = buffer.update(fromContentsOf: images[(batches * buffer.count)..<((batches + 1) * buffer.count)])
        batches += 1
        return buffer
      }
      return (batches, try books.flatMap { try contents("quantizer.\($0.name).codebook", session) })
    }
    let (one, two) = (try tables(batch: 2), try tables(batch: 1))
    #expect(one.batches == 1 && two.batches == 2)
    #expect(relativeError(two.entries, one.entries) < 1e-4)
  }

  @Test func accumulationIsTheWholeBatch() throws {
    // Without terms that mix the images of a batch, halves add up to the whole.
    func moments(accumulate: Int) throws -> [Float] {
      var spec = Self.spec(
        QuantizerSpec(entropy: EntropySpec(weight: 0)), books: [CodebookSpec(name: "a", size: 16, dim: 4)])
      spec.training.tokenizer.accumulate = accumulate
      return try contents("tokenizer.moment1.encoder.conv_in.weight", try train(spec, steps: 1))
    }
    #expect(relativeError(try moments(accumulate: 2), try moments(accumulate: 1)) < 1e-4)
  }

  @Test func frozenPartsStayAndRatesScale() throws {
    func change(_ edit: (inout StageSpec) -> Void, _ name: String) throws -> Float {
      var spec = Self.spec(QuantizerSpec(), books: [CodebookSpec(name: "a", size: 16, dim: 4)])
      edit(&spec.training.tokenizer)
      let fresh = try ModelSession(spec)
      try fresh.store.add(Tokenizer(spec).reconstructProgram(batch: 1))
      let before = try contents(name, fresh)
      let after = try contents(name, try train(spec, steps: 1))
      return zip(before, after).map { abs($0 - $1) }.max() ?? 0
    }
    let name = "decoder.conv_in.weight"
    let whole = try change({ _ in }, name)
    #expect(whole > 0)
    #expect(try change({ $0.freeze = [.decoder] }, name) == 0)
    #expect(try change({ $0.freeze = [.encoder] }, name) > 0)
    let tenth = try change({ $0.rates = [PartRate(part: .decoder, factor: 0.1)] }, name)
    #expect(abs(tenth - 0.1 * whole) < 0.01 * whole)
  }

  /// The sum of residual entries passes gradients as the spec says, too.
  @Test func residualCodesRotate() throws {
    let books = [CodebookSpec(name: "a", size: 16, dim: 4), CodebookSpec(name: "b", size: 8, dim: 4)]
    func moments(_ gradient: QuantizerSpec.Gradient) throws -> [Float] {
      let quantizer = QuantizerSpec(
        kind: .residual, normalize: false, gradient: gradient, commitment: 0, entropy: EntropySpec(weight: 0))
      return try contents(
        "tokenizer.moment1.encoder.conv_in.weight", try train(Self.spec(quantizer, books: books), steps: 1))
    }
    #expect(relativeError(try moments(.rotation), try moments(.straightThrough)) > 1e-3)
  }

  /// Moving averages and restarts do not move what is frozen.
  @Test func frozenCodebooksStay() throws {
    func table(_ freeze: [ModelPart], steps: Int) throws -> [Float] {
      var spec = Self.spec(
        QuantizerSpec(ema: 0.5, restart: RestartSpec(every: 1, after: 0, threshold: 0.9)),
        books: [CodebookSpec(name: "a", size: 16, dim: 4)])
      spec.training.tokenizer.freeze = freeze
      return try contents("quantizer.a.codebook", try train(spec, steps: steps))
    }
    let fresh = try table([], steps: 0)
    #expect(try table([], steps: 2) != fresh)
    #expect(try table([.codebook], steps: 2) == fresh)
  }
}
