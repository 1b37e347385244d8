import Foundation
import IR
import Models
import Spec
import TestSupport
import Testing

@testable import Training

/// A batch in parts: which losses make the update of the whole batch, and which do not because they look at all images
/// of a batch at once.
@Suite(.serialized) struct AccumulationTests {
  private static let batch = 4

  private static func spec(_ edit: (inout ModelSpec) -> Void) -> ModelSpec {
    var spec = QuantizerTests.spec(
      QuantizerSpec(entropy: EntropySpec(weight: 0)),
      books: [CodebookSpec(name: "a", size: 16, dim: 4), CodebookSpec(name: "b", size: 8, dim: 4)])
    spec.image.size = 16
    // Without clipping a gradient that is too large by a factor would show as well.
    spec.training.tokenizer.clip = 0
    spec.training.tokenizer.ema = 0.9
    edit(&spec)
    return spec
  }

  /// Losses that are means over images or tokens, by name.
  static let means: [(String, @Sendable (inout ModelSpec) -> Void)] = [
    ("reconstruction and commitment", { _ in }),
    ("mean absolute error", { $0.losses.reconstruction.kind = .l1 }),
    ("disentanglement", { $0.losses.disentanglement.weight = 0.5 }),
    ("perceptual", { $0.losses.perceptual = PerceptualSpec(weights: "none") }),
    (
      "cosine of features",
      {
        $0.teachers = [TeacherSpec(name: "t", kind: .clipViT, weights: "none", width: 8)]
        $0.tokenizer.codebooks[1].teacher = "t"
        $0.losses.representation = RepresentationSpec(kind: .cosine, weight: 0.5, layers: 1, heads: 2)
      }
    ),
    ("moving averages", { $0.tokenizer.quantizer.ema = 0.5 }),
    ("restarts", { $0.tokenizer.quantizer.restart = RestartSpec(every: 1, after: 0, threshold: 0.995) }),
    (
      "residual discriminator",
      {
        $0.losses.adversarial = AdversarialSpec(
          start: .step(0), discriminator: DiscriminatorSpec(kind: .residual, channels: 4, layers: 2))
      }
    ),
  ]

  /// Losses that compare the images of a batch with each other, or take statistics over them.
  static let batchwise: [(String, @Sendable (inout ModelSpec) -> Void)] = [
    ("entropy", { $0.tokenizer.quantizer.entropy = EntropySpec(weight: 0.1, temperature: 0.1) }),
    (
      "in-batch contrast",
      {
        $0.teachers = [TeacherSpec(name: "t", kind: .clipViT, weights: "none", width: 8)]
        $0.tokenizer.codebooks[1].teacher = "t"
        $0.losses.representation = RepresentationSpec(weight: 0.5, layers: 1, heads: 2)
      }
    ),
    (
      "batch norm",
      {
        $0.losses.adversarial = AdversarialSpec(
          start: .step(0), discriminator: DiscriminatorSpec(channels: 4, layers: 2))
      }
    ),
    (
      "adaptive weight",
      {
        $0.losses.adversarial = AdversarialSpec(
          start: .step(0), adaptive: 1e4, discriminator: DiscriminatorSpec(kind: .residual, channels: 4, layers: 2))
      }
    ),
  ]

  private func numbers(_ count: Int, _ phase: Float = 0) -> [Float] {
    (0..<count).map { sin(Float($0) * 0.7 + phase) * cos(Float($0 % 97)) }
  }

  /// Random weights of the perceptual network that keep the size of its features.
  private func fill(_ name: String, _ session: ModelSession) throws {
    let values = try #require(session.store.floats(name))
    let inputs = try #require(session.store.symbol(name)).type.shape.dropFirst().reduce(1, *)
    let scale = 2.4 / Float(inputs).squareRoot()
    var random = UInt64(name.count)
    for i in values.indices {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Float(random >> 40) * 0x1p-23 - 1
      values[i] = name.contains(".lin.") ? abs(number) : name.hasSuffix(".bias") ? 0.1 * number : scale * number
    }
  }

  /// Everything that two steps leave behind and report, by name.
  private func trained(_ spec: ModelSpec, accumulate: Int) throws -> [String: [Float]] {
    var spec = spec
    spec.training.tokenizer.accumulate = accumulate
    let session = try ModelSession(spec)
    let program = try session.compile(
      Tokenizer(spec).trainProgram(
        batch: Self.batch, totalSteps: 10, adversarial: spec.losses.adversarial != nil))
    for name in session.store.names where name.hasPrefix("perceptual.") { try fill(name, session) }
    var results: [String: [Float]] = [:]
    for step in 0..<2 {
      for port in program.plan.program.inputs where port.name != "key" {
        let buffer = try program.input(port.name)
        _ = buffer.update(from: numbers(buffer.count, Float(step)))
      }
      if program.hasInput("key") { _ = try program.integerInput("key").update(from: [3, Int32(step)]) }
      program.run()
      for port in program.plan.program.outputs where program.plan.program.type(of: port.value) == .f32() {
        results["\(step): \(port.name)"] = Array(try program.output(port.name))
      }
      for name in session.store.names where name.contains(".moment1.") {
        results["\(step): \(name)"] = Array(try #require(session.store.floats(name)))
      }
    }
    for name in session.store.names where name.hasPrefix("quantizer.") {
      results[name] = Array(try #require(session.store.floats(name)))
    }
    return results
  }

  /// |a - b| / |b| as vectors.
  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    let (difference, size) = zip(a, b).reduce((Float(0), Float(0))) {
      ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.1 * $1.1)
    }
    return size == 0 ? difference : (difference / size).squareRoot()
  }

  @Test(arguments: means.indices, [2, 4])
  func partsMakeTheUpdateOfTheWhole(_ index: Int, parts: Int) throws {
    let (name, edit) = Self.means[index]
    let (whole, divided) = (
      try trained(Self.spec(edit), accumulate: 1), try trained(Self.spec(edit), accumulate: parts)
    )
    #expect(Set(whole.keys) == Set(divided.keys))
    #expect(whole.count > 50)
    for (what, expected) in whole {
      let found = try #require(divided[what])
      // Gradients that vanish, such as those of keys' biases, are rounding.
      let size = expected.map(abs).max() ?? 0
      if size < 1e-7 {
        #expect(found.map(abs).max() ?? 0 < 1e-6, "\(name): \(what)")
      } else {
        let error = distance(found, expected)
        // The first update is the sign of a gradient, which rounding decides where there is hardly any.
        let limit: Float = what.hasPrefix("0") ? 2e-4 : 1e-2
        #expect(error < limit, "\(name) in \(parts) parts: \(what) differs by \(error)")
      }
    }
  }

  @Test(arguments: batchwise.indices)
  func otherLossesSeeTheirPart(_ index: Int) throws {
    let (name, edit) = Self.batchwise[index]
    let (whole, divided) = (try trained(Self.spec(edit), accumulate: 1), try trained(Self.spec(edit), accumulate: 2))
    let what = "0: tokenizer.moment1.encoder.conv_in.weight"
    let error = distance(try #require(divided[what]), try #require(whole[what]))
    #expect(error > 1e-3, "\(name) differs by \(error) only, so the README is wrong about it")
    #expect(divided.values.allSatisfy { $0.allSatisfy(\.isFinite) })
  }
}
