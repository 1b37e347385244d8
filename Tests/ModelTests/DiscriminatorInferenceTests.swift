import Foundation
import IR
import Models
import Spec
import TestSupport
import Testing

@testable import Training

/// The discriminator outside of training: batch normalisation by running statistics.
@Suite(.serialized) struct DiscriminatorInferenceTests {
  private static let size = 16
  private static let widths = [4, 8, 16]

  private func spec(_ kind: DiscriminatorSpec.Kind = .patchgan) -> ModelSpec {
    var spec = QuantizerTests.spec(QuantizerSpec(), books: [CodebookSpec(name: "a", size: 16, dim: 4)])
    spec.image.size = Self.size
    spec.losses.adversarial = AdversarialSpec(
      start: .step(0), discriminator: DiscriminatorSpec(kind: kind, channels: 4, layers: 2))
    return spec
  }

  private func pixels(_ images: Range<Int>) -> [Float] {
    let count = Self.size * Self.size * 3
    return (images.lowerBound * count..<images.upperBound * count).map { sin(Float($0) * 0.7) * cos(Float($0 % 97)) }
  }

  /// Fills everything that the discriminator has with numbers that show; variances are positive.
  private func fill(_ session: ModelSession) throws {
    for (place, name) in session.store.names.sorted().enumerated() where name.hasPrefix("discriminator.") {
      guard let values = session.store.floats(name) else { continue }
      let isVariance = name.hasSuffix(".running_variance")
      for i in values.indices {
        let number = sin(Float(i * 7 + place * 13))
        values[i] = isVariance ? 0.2 + number * number : name.contains(".conv.") ? 0.3 * number : 0.5 * number + 0.4
      }
    }
  }

  private func logits(_ session: ModelSession, _ pixels: [Float], batch: Int) throws -> [Float] {
    let program = try session.compile(try #require(Tokenizer(session.spec).discriminatorLogitsProgram(batch: batch)))
    _ = try program.input("image").update(from: pixels)
    program.run()
    return Array(try program.output("logits"))
  }

  /// A map of one image: side, channels, elements.
  private struct Map {
    var side: Int
    var channels: Int
    var elements: [Double]
  }

  /// conv4x4 with padding 1, weights [out, 4, 4, in].
  private func convolution(_ x: Map, _ weight: [Float], _ bias: [Float]?, out: Int, stride: Int) -> Map {
    let side = (x.side + 2 - 4) / stride + 1
    var y = Map(side: side, channels: out, elements: [])
    for row in 0..<side {
      for column in 0..<side {
        for channel in 0..<out {
          var sum = Double(bias?[channel] ?? 0)
          for ky in 0..<4 {
            for kx in 0..<4 {
              let (sourceRow, sourceColumn) = (row * stride + ky - 1, column * stride + kx - 1)
              guard (0..<x.side).contains(sourceRow), (0..<x.side).contains(sourceColumn) else { continue }
              for c in 0..<x.channels {
                sum +=
                  x.elements[(sourceRow * x.side + sourceColumn) * x.channels + c]
                  * Double(weight[((channel * 4 + ky) * 4 + kx) * x.channels + c])
              }
            }
          }
          y.elements.append(sum)
        }
      }
    }
    return y
  }

  /// The formula of the discriminator, written out: (x - mean) / sqrt(variance + 1e-5) scale + shift between layers.
  private func formula(_ session: ModelSession, _ image: [Float]) throws -> [Float] {
    func values(_ name: String) throws -> [Float] {
      Array(try #require(session.store.floats("discriminator.\(name)"), "\(name)"))
    }
    var x = Map(side: Self.size, channels: 3, elements: image.map(Double.init))
    for (layer, width) in Self.widths.enumerated() {
      let bias = layer == 0 ? try values("conv.0.bias") : nil
      x = convolution(x, try values("conv.\(layer).weight"), bias, out: width, stride: layer < 2 ? 2 : 1)
      if layer > 0 {
        let (mean, variance) = (
          try values("norm.\(layer).running_mean"), try values("norm.\(layer).running_variance")
        )
        let (scale, shift) = (try values("norm.\(layer).weight"), try values("norm.\(layer).bias"))
        for i in x.elements.indices {
          let c = i % width
          let unit = (x.elements[i] - Double(mean[c])) / (Double(variance[c]) + 1e-5).squareRoot()
          x.elements[i] = unit * Double(scale[c]) + Double(shift[c])
        }
      }
      x.elements = x.elements.map { $0 < 0 ? 0.2 * $0 : $0 }
    }
    x = convolution(x, try values("conv.3.weight"), try values("conv.3.bias"), out: 1, stride: 1)
    return x.elements.map { Float($0) }
  }

  @Test func logitsAreThoseOfTheFormula() throws {
    let session = try ModelSession(spec())
    try session.add(try #require(Tokenizer(session.spec).discriminatorLogitsProgram(batch: 3)))
    try fill(session)
    let found = try logits(session, pixels(0..<3), batch: 3)
    let expected = try (0..<3).flatMap { try formula(session, pixels($0..<$0 + 1)) }
    #expect(found.count == 3 * 2 * 2)
    #expect(relativeError(found, expected) < 1e-5)
  }

  @Test(arguments: DiscriminatorSpec.Kind.allCases)
  func anImageIsJudgedByItself(_ kind: DiscriminatorSpec.Kind) throws {
    let session = try ModelSession(spec(kind))
    try session.add(try #require(Tokenizer(session.spec).discriminatorLogitsProgram(batch: 3)))
    try fill(session)
    let together = try logits(session, pixels(0..<3), batch: 3)
    let alone = try (0..<3).flatMap { try logits(session, pixels($0..<$0 + 1), batch: 1) }
    #expect(relativeError(together, alone) < 1e-5)
  }

  /// After many steps on one batch without learning the running statistics are those of the batch, up to the bias of
  /// the variance: then the logits are the mean of what the training program says of either input.
  @Test func runningStatisticsApproachThoseOfTheBatch() throws {
    var spec = spec()
    spec.losses.adversarial?.discriminator.optimizer.learningRate = 1e-30
    let session = try ModelSession(spec)
    let half = try #require(try Tokenizer(spec).discriminatorProgram(batch: 4, totalSteps: 100))
    let training = try session.compile(half)
    try session.add(try #require(Tokenizer(spec).discriminatorLogitsProgram(batch: 4)))
    for name in ["image", "reconstruction"] { _ = try training.input(name).update(from: pixels(0..<4)) }
    let fresh = try logits(session, pixels(0..<4), batch: 4)
    for _ in 0..<120 { training.run() }
    let settled = try logits(session, pixels(0..<4), batch: 4)
    let mean = settled.reduce(0, +) / Float(settled.count)
    let batchwise = try training.output("discriminator.real")[0]
    let spread = settled.map { abs($0 - mean) }.max() ?? 0
    // The unbiased variance of 36 values is larger by a 35th.
    #expect(abs(mean - batchwise) < 0.1 * spread, "\(mean), in training \(batchwise), spread \(spread)")
    #expect(relativeError(fresh, settled) > 0.01)
  }

  @Test func modelsHaveTheProgramWithTheirDiscriminator() throws {
    let programs = ModelPrograms(spec(), classes: 1)
    #expect(programs.names.contains("discriminator.logits"))
    let program = try #require(try programs.program("discriminator.logits"))
    #expect(program.outputs.map(\.name) == ["logits"])
    #expect(program.operations.allSatisfy { $0.op.mutatedOperands.isEmpty })
    var without = spec()
    without.losses.adversarial = nil
    #expect(!ModelPrograms(without, classes: 1).names.contains { $0.hasPrefix("discriminator.") })
    #expect(try ModelPrograms(without, classes: 1).program("discriminator.logits") == nil)
  }
}
