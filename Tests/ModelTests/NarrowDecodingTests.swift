import Foundation
import IR
import Models
import Passes
import Runtime
import Spec
import Testing
import Training

/// Decoding with weights in fewer bits against the f32 reference numbers.
@Suite(.serialized) struct NarrowDecodingTests {
  /// Allowed error of logits relative to the largest.
  static let tolerances: [WeightStorage: Float] = [.bf16: 2e-2, .int8: 5e-2]

  @Test(arguments: GoldenCase.all, [WeightStorage.bf16, .int8])
  func logitsStayClose(_ folder: URL, _ storage: WeightStorage) throws {
    let golden = try GoldenCase(folder)
    let model = try #require(Generator(golden.spec, classes: golden.classes))
    let books = golden.spec.tokenizer.codebooks
    let shape = try golden.cases.entry("ar.codes.1").shape
    let builder = ProgramBuilder(name: "generator.logits")
    let codes = books.map { builder.input("codes.\($0.name)", .i32(shape[0], shape[1])) }
    let labels = builder.input("labels", .i32(shape[0]))
    let logits = model.logits(GraphContext(builder: builder), codes: codes, labels: labels)
    for (index, value) in logits.enumerated() { builder.output("logits.\(index + 1)", value) }

    let session = try ModelSession(golden.spec, weights: storage)
    try session.store.add(builder.program)
    try golden.load(session.store, golden.generator)
    let executable = try session.compileDecoding(builder.program)
    for (index, book) in books.enumerated() {
      _ = try executable.integerInput("codes.\(book.name)").update(from: golden.cases.int32s("ar.codes.\(index + 1)"))
    }
    _ = try executable.integerInput("labels").update(from: golden.cases.int32s("ar.labels"))
    executable.run()
    let tolerance = try #require(Self.tolerances[storage])
    for index in 1...books.count {
      let error = relativeError(
        try executable.output("logits.\(index)"), try golden.cases.floats("ar.logits.\(index)"))
      #expect(error < tolerance, "\(golden.name) \(storage): logits \(index) are off by \(error)")
      #expect(error > 1e-5, "\(golden.name) \(storage): logits \(index) look as if computed from f32 weights")
    }
  }

  /// Greedy codes: logits of random weights are almost flat, so a close pair may swap, and all codes after it are then
  /// drawn given another past. Over the few positions of the smallest case most codes must stay.
  @Test(arguments: GoldenCase.all.prefix(1), [WeightStorage.bf16, .int8])
  func greedyCodesMostlyStay(_ folder: URL, _ storage: WeightStorage) throws {
    let golden = try GoldenCase(folder)
    let labels = Array(try golden.cases.int32s("ar.labels").prefix(2))
    let session = try ModelSession(golden.spec, weights: storage)
    let model = try #require(Generator(golden.spec, classes: golden.classes))
    try session.store.add(model.stepProgram(count: labels.count, guided: true))
    try session.store.add(model.prefillProgram(count: labels.count, guided: true))
    try golden.load(session.store, golden.generator)
    let sampler = try Sampler(session, classes: golden.classes, count: labels.count, guidance: 2)
    let codes = try sampler.generate(
      labels: labels, seed: 0, settings: SamplingSettings(temperature: 0, topK: 0, topP: 1))
    var (same, count) = (0, 0)
    for (index, codes) in codes.enumerated() {
      let expected = try golden.cases.int32s("ar.greedy.guidance2.\(index + 1)")
      same += zip(codes, expected).filter { $0 == $1 }.count
      count += expected.count
    }
    #expect(4 * same >= 3 * count, "\(golden.name) \(storage): \(same) of \(count) greedy codes are those of f32")
  }
}
