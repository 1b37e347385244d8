import Autodiff
import Foundation
import IR
import Models
import Ops
import Runtime
import Spec
import Testing
import Training

/// Programs with bf16 operands against the f32 reference numbers.
@Suite(.serialized) struct BrainFloatParityTests {
  static let tolerance: Float = 2e-2

  private func session(_ golden: GoldenCase) throws -> ModelSession {
    var spec = golden.spec
    spec.training.precision = .bf16
    return try ModelSession(spec)
  }

  private func expectClose(
    _ actual: some Collection<Float>, _ expected: [Float], _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = relativeError(actual, expected)
    #expect(error < Self.tolerance, "\(what): relative error \(error)", sourceLocation: sourceLocation)
  }

  @Test(arguments: GoldenCase.all) func encodingAndDecoding(_ folder: URL) throws {
    let golden = try GoldenCase(folder)
    let model = golden.model
    let batch = try golden.cases.entry("image").shape[0]
    let builder = ProgramBuilder(name: "tokenizer.features")
    let input = builder.input("image", model.imageType(batch: batch))
    let forward = model.forward(GraphContext(builder: builder), image: input)
    for (suffix, (feature, quantized)) in zip(golden.suffixes, zip(forward.features, forward.quantized)) {
      builder.output("head.\(suffix)", feature)
      builder.output("indices.\(suffix)", quantized.indices)
    }
    let session = try session(golden)
    let encode = try session.compile(builder.program)
    let decode = try session.compile(model.decodeProgram(batch: batch))
    try golden.load(session.store, golden.tokenizer)
    _ = try encode.input("image").update(from: golden.channelsLast("image"))
    encode.run()
    for (suffix, book) in zip(golden.suffixes, golden.spec.tokenizer.codebooks) {
      let features = try encode.output("head.\(suffix)")
      try expectClose(features, golden.channelsLast("head.\(suffix)"), "\(golden.name) head.\(suffix)")
      let expected = try golden.cases.int32s("indices.\(suffix)")
      let same = zip(try encode.integerOutput("indices.\(suffix)"), expected).filter { $0 == $1 }.count
      #expect(20 * same >= 19 * expected.count, "\(golden.name): \(same) of \(expected.count) codes of \(suffix) stay")
      _ = try decode.integerInput("codes.\(book.name)").update(from: expected)
    }
    decode.run()
    try expectClose(
      decode.output("image"), golden.channelsLast("reconstruction"), "\(golden.name) reconstruction")
  }

  @Test(arguments: GoldenCase.all) func logitsLossAndGradients(_ folder: URL) throws {
    let golden = try GoldenCase(folder)
    let (executable, parameters) = try golden.runGenerator(try session(golden))
    try expectClose(executable.output("total"), golden.cases.floats("ar.loss"), "\(golden.name) ar.loss")
    for index in 1...golden.suffixes.count {
      let logits = try executable.output("logits.\(index)")
      let expected = try golden.cases.floats("ar.logits.\(index)")
      expectClose(logits, expected, "\(golden.name) logits.\(index)")
      #expect(relativeError(logits, expected) > 1e-5, "\(golden.name): logits look as if computed in f32")
    }
    let names = try #require(ReferenceNames(golden.spec))
    var checked = 0
    for parameter in parameters {
      let name = parameter.name
      guard let reference = names.name(of: name), golden.cases.tensors["ar.grad.\(reference)"] != nil else { continue }
      let expected = try golden.cases.floats("ar.grad.\(reference)")
      try expectClose(executable.output("grad.\(name)"), expected, "\(golden.name) gradient of \(name)")
      checked += 1
    }
    #expect(checked > 0)
  }

  /// The gradient of the reconstruction through both networks. Codes that flip change it, and the entropy loss multiplies
  /// every error by 100 by dividing by its temperature, so both are left out: quantization is replaced by nothing.
  @Test(arguments: GoldenCase.all) func gradientsOfBothNetworks(_ folder: URL) throws {
    let golden = try GoldenCase(folder)
    var results: [[String: [Float]]] = []
    for precision in [TrainingSpec.Precision.f32, .bf16] {
      var spec = golden.spec
      spec.training.precision = precision
      let model = Tokenizer(spec)
      let builder = ProgramBuilder(name: "networks")
      let context = GraphContext(builder: builder)
      let batch = try golden.cases.entry("image").shape[0]
      let input = builder.input("image", model.imageType(batch: batch))
      let latents = model.encode(context, image: input).quantized.map(\.latent)
      let output = model.decode(context, rows: latents, batch: batch)
      let total = ReconstructionLoss.loss(context, kind: .l2, reconstruction: output, image: input)
      let parameters = builder.program.symbols.filter { $0.symbol.role == .parameter }
      let gradients = try ReverseMode.gradients(of: total, withRespectTo: parameters.map(\.value), in: builder)
      for (use, gradient) in zip(parameters, gradients) { builder.output("grad.\(use.symbol.name)", gradient) }
      let session = try ModelSession(spec)
      let executable = try session.compile(builder.program)
      try golden.load(session.store, golden.tokenizer)
      _ = try executable.input("image").update(from: golden.channelsLast("image"))
      executable.run()
      var values: [String: [Float]] = [:]
      for use in parameters { values[use.symbol.name] = Array(try executable.output("grad.\(use.symbol.name)")) }
      results.append(values)
    }
    let all = norm(results[0].values.flatMap(\.self))
    var errors: [Float] = []
    for (name, expected) in results[0] {
      let actual = try #require(results[1][name])
      let error = norm(zip(actual, expected).map { $0 - $1 })
      errors.append(error)
      // Some gradients are zero but for rounding, such as those of biases in front of norms.
      #expect(error < 0.05 * norm(expected) + 1e-3 * all, "\(golden.name) gradient of \(name): \(error)")
    }
    // Twice as many products follow each other as in the forward pass.
    #expect(norm(errors) < 2 * Self.tolerance * all, "\(golden.name): all gradients are off by \(norm(errors) / all)")
  }

  private func norm(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
