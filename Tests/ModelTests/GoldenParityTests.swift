import Autodiff
import Foundation
import IR
import Models
import Ops
import Runtime
import Spec
import Storage
import Testing
import Training

/// Every program against the reference numbers: within 1e-4 relative.
@Suite(.serialized) struct GoldenParityTests {
  static let tolerance: Float = 1e-4
  private func expectClose(
    _ actual: some Collection<Float>, _ expected: [Float], _ what: String, tolerance: Float = Self.tolerance,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = relativeError(actual, expected)
    #expect(error < tolerance, "\(what): relative error \(error)", sourceLocation: sourceLocation)
  }

  @Test(arguments: GoldenCase.all)
  func tokenizerForwardAndLosses(_ folder: URL) throws {
    let golden = try GoldenCase(folder)
    let executable = try golden.runTokenizer(precision: .f32)
    for suffix in golden.suffixes {
      try expectClose(executable.output("head.\(suffix)"), golden.channelsLast("head.\(suffix)"), "head.\(suffix)")
      try #expect(
        Array(executable.integerOutput("indices.\(suffix)")) == golden.cases.int32s("indices.\(suffix)"),
        "indices.\(suffix)")
      try expectClose(
        executable.output("quantized.\(suffix)"), golden.channelsLast("quantized.\(suffix)"), "quantized.\(suffix)")
      for kind in ["codebook", "commitment", "entropy"] {
        try expectClose(
          executable.output("loss.\(kind).\(suffix)"), golden.cases.floats("loss.\(kind).\(suffix)"),
          "loss.\(kind).\(suffix)")
      }
    }
    try expectClose(executable.output("reconstruction"), golden.channelsLast("reconstruction"), "reconstruction")
    try expectClose(
      executable.output("loss.reconstruction"), golden.cases.floats("loss.reconstruction"), "loss.reconstruction")
    if golden.suffixes.count > 1 {
      try expectClose(
        executable.output("loss.disentanglement"), golden.cases.floats("loss.disentanglement"), "loss.disentanglement")
    }
    for name in golden.teachers.keys {
      let loss = try executable.output("loss.representation.\(name)").map {
        $0 / Float(golden.spec.losses.representation.weight)
      }
      try expectClose(loss, golden.cases.floats("loss.representation.\(name)"), "loss.representation.\(name)")
    }
    try expectClose(executable.output("total"), golden.cases.floats("loss.total"), "loss.total")
  }

  /// Gradients of the tokenizer against what they are without rounding: the entropy loss divides distances by 0.01, so
  /// they have a hundred times the rounding of its features, in the reference as well.
  @Test(arguments: GoldenCase.all)
  func tokenizerGradients(_ folder: URL) throws {
    let golden = try GoldenCase(folder)
    let names = try #require(ReferenceNames(golden.spec))
    let (truth, parameters) = try golden.runTokenizerInDoublePrecision()
    let strict = try golden.runTokenizer(precision: .strict)
    let fast = try golden.runTokenizer(precision: .f32)
    let largest = truth.filter { $0.key.hasPrefix("grad.") }.values.flatMap(\.reals).reduce(0) { max($0, abs($1)) }
    var compared = 0
    for parameter in parameters {
      let output = "grad.\(parameter.name)"
      let exact = try #require(truth[output]).reals
      let values = try strict.output(output)
      // Some parameters have no influence, such as biases in front of norms.
      if exact.allSatisfy({ abs($0) < 1e-6 * largest }) {
        #expect(values.allSatisfy { abs(Double($0)) < 2e-6 * largest }, "\(output) is zero")
        continue
      }
      let ours = Distance(of: values, from: exact)
      #expect(ours.largest < 1e-4, "\(output): \(ours)")
      let tiled = Distance(of: try fast.output(output), from: exact)
      #expect(tiled.largest < 4e-4, "\(output) with convolutions by tiles: \(tiled)")
      guard let name = names.name(of: parameter.name), golden.cases.tensors["grad." + name] != nil else { continue }
      let theirs = Distance(of: try golden.kernel("grad." + name, parameter), from: exact)
      #expect(theirs.mean < 1e-4 && theirs.largest < 1.5e-4, "\(output) of the reference: \(theirs)")
      compared += 1
    }
    #expect(compared == golden.cases.tensors.keys.filter { $0.hasPrefix("grad.") }.count)
  }

  private func checkGradients(
    _ golden: GoldenCase, _ symbols: [Symbol], prefix: String,
    _ gradient: (String) throws -> UnsafeBufferPointer<Float>
  ) throws {
    let names = try #require(ReferenceNames(golden.spec))
    var checked = 0
    for symbol in symbols {
      guard let reference = names.name(of: symbol.name), golden.cases.tensors[prefix + reference] != nil else {
        continue
      }
      let expected = try golden.kernel(prefix + reference, symbol)
      try expectClose(gradient(symbol.name), expected, "gradient of \(symbol.name)")
      checked += 1
    }
    let total = golden.cases.tensors.keys.filter { $0.hasPrefix(prefix) }.count
    #expect(checked == total, "\(checked) of \(total) gradients of the case were compared")
  }

  @Test(arguments: GoldenCase.all)
  func generatorLogitsLossAndGradients(_ folder: URL) throws {
    let golden = try GoldenCase(folder)
    let (executable, parameters) = try golden.runGenerator(try ModelSession(golden.spec))
    try expectClose(executable.output("total"), golden.cases.floats("ar.loss"), "ar.loss")
    for index in 1...golden.suffixes.count {
      try expectClose(
        executable.output("logits.\(index)"), golden.cases.floats("ar.logits.\(index)"), "logits.\(index)")
    }
    try checkGradients(golden, parameters, prefix: "ar.grad.") { try executable.output("grad.\($0)") }
  }

  @Test(arguments: GoldenCase.all, [Float(1), 2])
  func greedyCodes(_ folder: URL, guidance: Float) throws {
    let golden = try GoldenCase(folder)
    let labels = Array(try golden.cases.int32s("ar.labels").prefix(2))
    let session = try ModelSession(golden.spec)
    let sampler = try Sampler(session, classes: golden.classes, count: labels.count, guidance: guidance)
    try golden.load(session.store, golden.generator)
    let codes = try sampler.generate(
      labels: labels, seed: 0, settings: SamplingSettings(temperature: 0, topK: 0, topP: 1))
    for (index, codes) in codes.enumerated() {
      let expected = try golden.cases.int32s("ar.greedy.guidance\(guidance == 1 ? "1" : "2").\(index + 1)")
      #expect(codes == expected, "sub-codebook \(index + 1)")
    }
  }
}

/// How far numbers are from their true values.
private struct Distance: CustomStringConvertible {
  /// The largest difference as a share of the largest true value.
  var largest: Double
  /// The root of the mean square difference as a share of that of the true values.
  var mean: Double

  init(of values: some Collection<Float>, from exact: [Double]) {
    precondition(values.count == exact.count)
    var (worst, scale, squares, total) = (0.0, 0.0, 0.0, 0.0)
    for (value, truth) in zip(values, exact) {
      let error = Double(value).isFinite ? abs(Double(value) - truth) : .infinity
      (worst, scale) = (max(worst, error), max(scale, abs(truth)))
      (squares, total) = (squares + error * error, total + truth * truth)
    }
    (largest, mean) = (worst / scale, (squares / total).squareRoot())
  }

  var description: String { "off by \(largest) at most and \(mean) in the mean" }
}
