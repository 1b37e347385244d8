import Foundation
import IR
import Models
import Ops
import Spec
import TestSupport
import Testing

@testable import Training

/// Codes perturbed while training: the decoder sees them, and nothing else does.
@Suite(.serialized) struct PerturbationTests {
  private func spec(_ perturbation: PerturbationSpec?, kind: QuantizerSpec.Kind = .vq) -> ModelSpec {
    QuantizerTests.spec(
      QuantizerSpec(kind: kind, normalize: kind == .vq, perturbation: perturbation),
      books: [CodebookSpec(name: "a", size: 16, dim: 4), CodebookSpec(name: "b", size: 8, dim: 4)])
  }

  private func pixels(_ count: Int) -> [Float] { (0..<count).map { sin(Float($0) * 0.7) * cos(Float($0 % 97)) } }

  /// What the first step of training reports, with its codes.
  private func step(_ spec: ModelSpec) throws -> (measures: [String: Double], codes: [[Int32]]) {
    let session = try ModelSession(spec)
    let training = try TokenizerStep(session, totalSteps: 100, cacheFolder: "/nowhere")
    var images = pixels(4 * 8 * 8 * 3)
    let codes = try images.withUnsafeMutableBufferPointer { try training.run($0, step: 0).codes.map { Array($0) } }
    return (Dictionary(uniqueKeysWithValues: training.measures), codes)
  }

  @Test(arguments: [QuantizerSpec.Kind.vq, .residual])
  func onlyTheDecoderSeesPerturbedCodes(_ kind: QuantizerSpec.Kind) throws {
    let plain = try step(spec(nil, kind: kind))
    let perturbed = try step(spec(PerturbationSpec(images: 1, tokens: 1, nearest: 3), kind: kind))
    #expect(perturbed.codes == plain.codes)
    for name in ["codebook.a", "codebook.b", "commitment.a", "commitment.b", "entropy.a", "entropy.b"] {
      let value = try #require(plain.measures["loss.\(name)"])
      let other = try #require(perturbed.measures["loss.\(name)"])
      // Other operations are fused, so sums are taken in another order.
      #expect(abs(other - value) <= 1e-6 * abs(value), "\(name)")
    }
    #expect(perturbed.measures["loss.reconstruction"] != plain.measures["loss.reconstruction"])
  }

  /// Before its schedule begins a perturbation from 0 changes nothing, by not a bit.
  @Test func theShareFollowsItsSchedule() throws {
    let schedule = WeightSchedule(kind: .step, from: 0, start: 1)
    let perturbation = PerturbationSpec(images: 1, tokens: 1, nearest: 3, schedule: schedule)
    #expect(try step(spec(perturbation)).measures == step(spec(nil)).measures)
    let started = WeightSchedule(kind: .step, from: 0, start: 0)
    let other = PerturbationSpec(images: 1, tokens: 1, nearest: 3, schedule: started)
    #expect(try step(spec(other)).measures != step(spec(nil)).measures)
  }

  /// The other programs are the same text with and without.
  @Test func inferenceIsAsWithout() throws {
    let perturbation = PerturbationSpec(images: 1, tokens: 1, nearest: 3)
    for name in ["tokenizer.encode", "tokenizer.decode", "tokenizer.reconstruct", "tokenizer.train"] {
      let texts = try [spec(nil), spec(perturbation)].map { spec in
        ProgramPrinter().print(try #require(try ModelPrograms(spec, classes: 1).program(name)))
      }
      let perturbs = texts.map { $0.components(separatedBy: " perturb_codes(").count - 1 }
      #expect(perturbs == [0, name == "tokenizer.train" ? 2 : 0], "\(name)")
      if name != "tokenizer.train" { #expect(texts[0] == texts[1], "\(name)") }
    }
  }

  /// The straight-through gradient reaches the latents of replaced codes.
  @Test func theGradientGoesToTheLatents() throws {
    var spec = spec(PerturbationSpec(images: 1, tokens: 1, nearest: 3))
    spec.tokenizer.quantizer.commitment = 0
    spec.tokenizer.quantizer.entropy.weight = 0
    let session = try ModelSession(spec)
    let training = try TokenizerStep(session, totalSteps: 100, cacheFolder: "/nowhere")
    var images = pixels(4 * 8 * 8 * 3)
    _ = try images.withUnsafeMutableBufferPointer { try training.run($0, step: 0) }
    // Only the reconstruction is left to move the encoder.
    let moments = try #require(session.store.floats("tokenizer.moment1.encoder.conv_in.weight"))
    #expect(moments.contains { abs($0) > 1e-7 })
    withExtendedLifetime(session) {}
  }
}
