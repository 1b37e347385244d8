import Autodiff
import Foundation
import IR
import Models
import Ops
import Spec
import TestSupport
import Testing

@testable import Models
@testable import Training

/// What is done to images before the discriminator sees them.
@Suite(.serialized) struct AugmentationTests {
  private static let type = IR.TensorType.f32(3, 8, 8, 3)

  private func program(
    _ spec: AugmentationSpec, _ side: Augmentation.Side = .fake, type: IR.TensorType = type, first: Int = 0
  ) -> Program {
    let builder = ProgramBuilder(name: "augment")
    let images = builder.input("images", type)
    let key = builder.input("key", .i32(2))
    builder.output("y", Augmentation(spec: spec, side: side).apply(builder, images, key: key, first: first))
    return builder.program
  }

  private func run(_ program: Program, _ images: Tensor, key: [Int] = [5, 6]) throws -> [Double] {
    let inputs = ["images": images, "key": Tensor(.i32(2), integers: key)]
    return try #require(ReferenceInterpreter.run(program, inputs: inputs)["y"]).reals
  }

  /// Pixels [row][column][channel] of an image of a batch of 8 x 8 images.
  private func image(_ elements: [Double], _ index: Int) -> [[[Double]]] {
    (0..<8).map { row in
      (0..<8).map { column in
        let start = ((index * 8 + row) * 8 + column) * 3
        return Array(elements[start..<start + 3])
      }
    }
  }

  /// Every image is moved as a whole by at most the share asked for, and zeros come in.
  @Test func translationMovesWholePixels() throws {
    var random = RandomTensors(seed: 2)
    let images = random.tensor(Self.type, .positive)
    let spec = AugmentationSpec(color: 0, translation: 0.25, cutout: 0)
    var moves: Set<[Int]> = []
    for step in 0..<8 {
      let moved = try run(program(spec), images, key: [1, step])
      for index in 0..<3 {
        let (before, after) = (image(images.reals, index), image(moved, index))
        func agrees(_ down: Int, _ right: Int) -> Bool {
          (0..<8).allSatisfy { row in
            (0..<8).allSatisfy { column in
              let (r, c) = (row - down, column - right)
              let isInside = (0..<8).contains(r) && (0..<8).contains(c)
              return after[row][column] == (isInside ? before[r][c] : [0, 0, 0])
            }
          }
        }
        let found = (-2...2).flatMap { down in (-2...2).map { [down, $0] } }.filter { agrees($0[0], $0[1]) }
        #expect(found.count == 1, "image \(index) of step \(step) is not moved")
        moves.formUnion(found)
      }
    }
    #expect(moves.count > 8 && moves.contains { $0.contains(2) } && moves.contains { $0.contains(-2) }, "\(moves)")
  }

  /// One square of half the side is cut out, or what of it lies inside.
  @Test func cutoutCutsOneSquare() throws {
    var random = RandomTensors(seed: 3)
    let images = random.tensor(Self.type, .positive)
    let spec = AugmentationSpec(color: 0, translation: 0, cutout: 0.5)
    var areas: Set<Int> = []
    for step in 0..<8 {
      let cut = try run(program(spec), images, key: [1, step])
      for index in 0..<3 {
        let (before, after) = (image(images.reals, index), image(cut, index))
        let holes = (0..<64).filter { after[$0 / 8][$0 % 8] == [0, 0, 0] }
        let (rows, columns) = (holes.map { $0 / 8 }, holes.map { $0 % 8 })
        let height = (rows.max() ?? 0) - (rows.min() ?? 0) + 1
        let width = (columns.max() ?? 0) - (columns.min() ?? 0) + 1
        #expect(holes.count == height * width && height <= 4 && width <= 4 && height >= 2 && width >= 2)
        for place in 0..<64 where !holes.contains(place) {
          #expect(after[place / 8][place % 8] == before[place / 8][place % 8])
        }
        areas.insert(holes.count)
      }
    }
    #expect(areas.contains(16) && areas.count > 1)
  }

  /// Brightness, saturation and contrast as the formula has them, from numbers drawn by the same generator.
  @Test func colorsFollowTheFormula() throws {
    var random = RandomTensors(seed: 4)
    let images = random.tensor(Self.type, .signed)
    let key = Tensor(.i32(2), integers: [5, 6])
    let found = try run(program(AugmentationSpec(color: 0.8, translation: 0, cutout: 0)), images)
    for index in 0..<3 {
      let u = (0..<3).map { Philox.uniform(element: index, stream: (1 << 20) + 8 + $0, key: key) }
      let (brightness, saturation, contrast) = (
        0.8 * (u[0] - 0.5), 1 + 0.8 * (2 * u[1] - 1), 1 + 0.8 * (u[2] - 0.5)
      )
      var pixels = image(images.reals, index).flatMap { $0 }.map { $0.map { $0 + brightness } }
      pixels = pixels.map { pixel in
        let gray = pixel.reduce(0, +) / 3
        return pixel.map { (($0 - gray) * saturation) + gray }
      }
      let mean = pixels.flatMap { $0 }.reduce(0, +) / 192
      let expected = pixels.flatMap { $0.map { ($0 - mean) * contrast + mean } }
      let actual = Array(found[index * 192..<(index + 1) * 192])
      #expect(zip(actual, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "image \(index)")
    }
  }

  /// Parts of a batch are augmented as the whole; images and reconstructions are not augmented alike.
  @Test func drawsBelongToThePlaceInTheBatch() throws {
    var random = RandomTensors(seed: 5)
    let images = random.tensor(Self.type, .signed)
    let whole = try run(program(AugmentationSpec()), images)
    let last = Tensor(.f32(1, 8, 8, 3), Array(images.reals.suffix(192)))
    let part = try run(program(AugmentationSpec(), type: last.type, first: 2), last)
    #expect(part == Array(whole.suffix(192)))
    #expect(try run(program(AugmentationSpec(), .real), images) != whole)
    #expect(try run(program(AugmentationSpec()), images, key: [5, 7]) != whole)
  }

  /// The slope of any function of augmented images with respect to the images, once and twice.
  @Test func gradientsAgreeWithDifferences() throws {
    let builder = ProgramBuilder(name: "differences")
    let type = IR.TensorType.f32(2, 4, 4, 3)
    let (images, weights) = (builder.input("images", type), builder.input("weights", type))
    let key = builder.input("key", .i32(2))
    let seen = Augmentation(spec: AugmentationSpec(translation: 0.25), side: .real).apply(builder, images, key: key)
    let cubes = builder.mul(builder.mul(builder.unary(.square, seen), seen), weights)
    let sum = builder.emitOne(ReduceSum(start: 0, end: 4), cubes)
    let slope = try ReverseMode.gradients(of: sum, withRespectTo: [images], in: builder)[0]
    builder.output("penalty", builder.add(sum, builder.mean(builder.unary(.square, slope))))
    var random = RandomTensors(seed: 6)
    let inputs = [
      "images": random.tensor(type, .signed), "weights": random.tensor(type, .signed),
      "key": Tensor(.i32(2), integers: [3, 4]),
    ]
    let report = try GradientChecker().check(builder.program, inputs: inputs, symbols: [:])
    #expect(report.passes, "\(report)")
  }

  private func game(_ augment: AugmentationSpec?, _ kind: DiscriminatorSpec.Kind) -> ModelSpec {
    var spec = QuantizerTests.spec(QuantizerSpec(), books: [CodebookSpec(name: "a", size: 16, dim: 4)])
    spec.image.size = 16
    spec.losses.adversarial = AdversarialSpec(
      weight: 0.25, start: .step(0), augment: augment,
      discriminator: DiscriminatorSpec(kind: kind, channels: 4, layers: 2))
    return spec
  }

  /// What the first step reports.
  private func step(_ spec: ModelSpec) throws -> [String: Double] {
    let session = try ModelSession(spec)
    let training = try TokenizerStep(session, totalSteps: 100, cacheFolder: "/nowhere")
    let count = 4 * 16 * 16 * 3
    var images: [Float] = (0..<count).map { sin(Float($0) * 0.7) * cos(Float($0 % 97)) }
    _ = try images.withUnsafeMutableBufferPointer { try training.run($0, step: 0) }
    return Dictionary(uniqueKeysWithValues: training.measures)
  }

  /// Under the hinge the decoder's term is the discriminator's mean logit of the reconstructions, so both halves of a
  /// step must have seen the same; the batch in parts, too, where no batch normalisation mixes the images.
  @Test(arguments: DiscriminatorSpec.Kind.allCases, [1, 2])
  func bothPlayersSeeTheSameReconstructions(_ kind: DiscriminatorSpec.Kind, parts: Int) throws {
    if kind == .patchgan && parts > 1 { return }
    var spec = game(AugmentationSpec(), kind)
    spec.training.tokenizer.accumulate = parts
    let measures = try step(spec)
    let term = try #require(measures["loss.adversarial"])
    let fake = try #require(measures["discriminator.fake"])
    #expect(abs(term + 0.25 * fake) < 1e-5 * max(abs(term), 1e-3), "\(term), \(fake)")
    let plain = try #require(try step(game(nil, kind))["discriminator.fake"])
    #expect(abs(plain - fake) > 1e-4 * abs(fake), "nothing was augmented")
  }

  /// Training goes on with every part of it, and inference and specs without it do not know of it.
  @Test func onlyTheGameKnowsOfIt() throws {
    let programs = [game(AugmentationSpec(), .patchgan), game(nil, .patchgan)].map { ModelPrograms($0, classes: 1) }
    for name in programs[0].names {
      let texts = try programs.map { ProgramPrinter().print(try #require(try $0.program(name))) }
      let isGame = ["tokenizer.train", "discriminator.train"].contains(name)
      #expect(texts[0].contains("displace_images") == isGame && !texts[1].contains("displace_images"), "\(name)")
      if !isGame { #expect(texts[0] == texts[1]) }
    }
    for measure in try step(game(AugmentationSpec(), .residual)) { #expect(measure.value.isFinite, "\(measure)") }
  }
}
