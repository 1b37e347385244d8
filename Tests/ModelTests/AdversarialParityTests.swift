import Autodiff
import Foundation
import IR
import Models
import Ops
import Runtime
import Spec
import Storage
import TestSupport
import Testing
import Training

/// The discriminator and its losses against the reference numbers and against differences.
@Suite(.serialized) struct AdversarialParityTests {
  @Test(arguments: GoldenCase.all.filter { $0.lastPathComponent != "tiny" })
  func patchDiscriminator(_ folder: URL) throws {
    let golden = try GoldenCase(folder)
    let weights = try SafetensorsFile(path: folder.appendingPathComponent("discriminator.safetensors").path)
    let network = Discriminator(DiscriminatorSpec(channels: 16, layers: 2))
    let batch = try golden.cases.entry("image").shape[0]

    let builder = ProgramBuilder(name: "discriminator.test")
    let context = GraphContext(builder: builder)
    let image = builder.input("image", golden.model.imageType(batch: batch))
    let reconstruction = builder.input("reconstruction", golden.model.imageType(batch: batch))
    let (real, fake) = (network.logits(context, image), network.logits(context, reconstruction))
    builder.output("real", real)
    builder.output("fake", fake)
    builder.output("hinge", AdversarialLoss.discriminator(context, .hinge, real: real, fake: fake))
    builder.output("adversarial", AdversarialLoss.decoder(context, .hinge, fake: fake))

    let session = try ModelSession(golden.spec)
    let executable = try session.compile(builder.program)
    try golden.load(session.store, weights)
    _ = try executable.input("image").update(from: golden.channelsLast("image"))
    _ = try executable.input("reconstruction").update(from: golden.channelsLast("reconstruction"))
    executable.run()
    func check(_ output: String, _ expected: [Float]) throws {
      let error = relativeError(try executable.output(output), expected)
      #expect(error < 1e-4, "\(output): relative error \(error)")
    }
    try check("real", golden.channelsLast("discriminator.real"))
    try check("fake", golden.channelsLast("discriminator.fake"))
    try check("hinge", golden.cases.floats("loss.hinge"))
    try check("adversarial", golden.cases.floats("loss.adversarial"))
  }

  /// Losses, gradients after one backward (that of a gradient penalty too) and running statistics of a small
  /// discriminator against an independent implementation.
  @Test func gradientsOfBothPlayers() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/adversarial")
    var golden = try GoldenCase(folder.deletingLastPathComponent().appendingPathComponent("tiny"))
    golden.cases = try SafetensorsFile(path: folder.appendingPathComponent("cases.safetensors").path)
    let weights = try SafetensorsFile(path: folder.appendingPathComponent("weights.safetensors").path)
    let names = try #require(ReferenceNames(golden.spec))
    var network = Discriminator(DiscriminatorSpec(channels: 8, layers: 2))

    let builder = ProgramBuilder(name: "discriminator.gradients")
    let context = GraphContext(builder: builder)
    let image = builder.input("image", golden.model.imageType(batch: 3))
    let reconstruction = builder.input("reconstruction", golden.model.imageType(batch: 3))
    network.keepsStatistics = true
    let (real, fake) = (network.logits(context, image), network.logits(context, reconstruction))
    network.keepsStatistics = false
    network.statistics = .batchTwiceDifferentiable
    let penalty = try AdversarialLoss.r1(context, logits: network.logits(context, image), image: image)
    let losses = [
      "hinge": AdversarialLoss.discriminator(context, .hinge, real: real, fake: fake),
      "vanilla": AdversarialLoss.discriminator(context, .vanilla, real: real, fake: fake),
      "r1": penalty,
      "non_saturating": AdversarialLoss.decoder(context, .nonSaturating, fake: fake),
      "decoder": AdversarialLoss.decoder(context, .hinge, fake: fake),
    ]
    let parameters = builder.program.symbols.filter { $0.symbol.role == .parameter }
    for (name, loss) in losses.sorted(by: { $0.key < $1.key }) {
      builder.output("\(name).loss", loss)
      if ["non_saturating", "decoder"].contains(name) {
        let slope = try ReverseMode.gradients(of: loss, withRespectTo: [reconstruction], in: builder)[0]
        builder.output("\(name).grad.reconstruction", slope)
      } else {
        let slopes = try ReverseMode.gradients(of: loss, withRespectTo: parameters.map(\.value), in: builder)
        for (use, slope) in zip(parameters, slopes) { builder.output("\(name).grad.\(use.symbol.name)", slope) }
      }
    }
    context.finish()

    let session = try ModelSession(golden.spec)
    let executable = try session.compile(builder.program)
    try golden.load(session.store, weights)
    for name in ["image", "reconstruction"] { _ = try executable.input(name).update(from: golden.channelsLast(name)) }
    executable.run()
    var checked = 0
    func check(_ actual: some Collection<Float>, _ expected: [Float], _ what: String) {
      // Some gradients vanish by symmetry (a bias before a normalisation); those are compared as they are.
      let error = (expected.map(abs).max() ?? 0) < 1e-5 ? actual.map(abs).max() ?? 0 : relativeError(actual, expected)
      #expect(error < 1e-4, "\(what): relative error \(error)")
      checked += 1
    }
    for name in losses.keys {
      check(try executable.output("\(name).loss"), try golden.cases.floats("\(name).loss"), "\(name).loss")
      if ["non_saturating", "decoder"].contains(name) {
        let what = "\(name).grad.reconstruction"
        check(try executable.output(what), try golden.channelsLast(what), what)
        continue
      }
      for use in parameters {
        let reference = try #require(names.name(of: use.symbol.name))
        guard golden.cases.tensors["\(name).grad.\(reference)"] != nil else { continue }
        var expected = try golden.cases.floats("\(name).grad.\(reference)")
        if use.symbol.type.rank == 4 { expected = ReferenceNames.importKernel(expected, shape: use.symbol.type.shape) }
        check(try executable.output("\(name).grad.\(use.symbol.name)"), expected, "\(name): \(use.symbol.name)")
      }
    }
    for name in session.store.names where name.contains(".running_") {
      let reference = try #require(names.name(of: name))
      check(
        try #require(session.store.floats(name)), try golden.cases.floats("statistics.\(reference)"), name)
    }
    #expect(checked >= 5 + 3 * 8 + 4 - 2)
  }

  static let games: [AdversarialSpec] = [
    AdversarialSpec(discriminator: DiscriminatorSpec(channels: 2, layers: 1)),
    AdversarialSpec(loss: .vanilla, lecam: 0.1, discriminator: DiscriminatorSpec(channels: 2, layers: 1)),
    AdversarialSpec(loss: .nonSaturating, r1: 0.5, discriminator: DiscriminatorSpec(channels: 2, layers: 1)),
    AdversarialSpec(
      loss: .vanilla, r1: 0.5, discriminator: DiscriminatorSpec(kind: .residual, channels: 2, layers: 2)),
  ]

  /// The gradient of everything that a discriminator minimises, penalties of gradients included.
  @Test(arguments: games.indices)
  func gradientsAgreeWithDifferences(_ index: Int) throws {
    let game = Self.games[index]
    var random = RandomTensors(seed: 5 + index)
    let type = IR.TensorType.f32(2, 8, 8, 3)
    let builder = ProgramBuilder(name: "discriminator.differences")
    let context = GraphContext(builder: builder)
    let image = builder.input("image", type)
    let reconstruction = builder.input("reconstruction", type)
    var network = Discriminator(game.discriminator)
    network.statistics = .batchTwiceDifferentiable
    let real = network.logits(context, image)
    network.statistics = .batch
    let fake = network.logits(context, reconstruction)
    var total = AdversarialLoss.discriminator(context, game.loss, real: real, fake: fake)
    total = builder.add(total, AdversarialLoss.decoder(context, game.loss, fake: fake))
    if game.lecam > 0 {
      total = builder.add(total, context.weighted(AdversarialLoss.lecam(context, real: real, fake: fake), game.lecam))
    }
    if game.r1 > 0 {
      let penalty = try AdversarialLoss.r1(context, logits: real, image: image)
      total = builder.add(total, context.weighted(penalty, game.r1))
    }
    builder.output("total", total)
    // Small weights keep the squared slopes of a penalty, and the rounding of their differences, small.
    let symbols = random.symbols(of: builder.program).mapValues { symbol in
      Tensor(symbol.type, symbol.reals.map { 0.25 * $0 })
    }
    let inputs = ["image": random.tensor(type, .signed), "reconstruction": random.tensor(type, .signed)]
    var checker = GradientChecker()
    checker.elementLimit = 6
    // Slopes jump where a rectifier's input changes its sign, which a penalty of gradients sees: keep the points close.
    checker.step = 1e-6
    checker.tolerance = Tolerance(absolute: 1e-6, relative: 1e-5)
    let report = try checker.check(builder.program, inputs: inputs, symbols: symbols)
    #expect(report.passes, "\(report)")
  }

  @Test func decoderGradientIsThatOfTheSumUnderAnAdaptiveWeight() throws {
    // With a limit of 0.25 and a much weaker adversarial gradient the factor is the limit itself, so the step must be
    // that of a fixed weight a quarter as large.
    let folder = try #require(GoldenCase.all.first)
    func trained(_ game: AdversarialSpec) throws -> ([Float], [String: Float]) {
      var golden = try GoldenCase(folder)
      golden.spec.losses.adversarial = game
      for index in golden.spec.tokenizer.codebooks.indices { golden.spec.tokenizer.codebooks[index].teacher = nil }
      let batch = try golden.cases.entry("image").shape[0]
      let session = try ModelSession(golden.spec)
      let program = try session.compile(
        Tokenizer(golden.spec).trainProgram(batch: batch, totalSteps: 10, adversarial: true))
      _ = try program.input("image").update(from: golden.channelsLast("image"))
      program.run()
      var scalars: [String: Float] = [:]
      for port in program.plan.program.outputs where program.plan.program.type(of: port.value) == .f32() {
        scalars[port.name] = try program.output(port.name)[0]
      }
      let moments = try #require(session.store.floats("tokenizer.moment1.decoder.conv_in.weight"))
      return (Array(moments), scalars)
    }
    let network = DiscriminatorSpec(channels: 4, layers: 2)
    let (adaptive, measures) = try trained(
      AdversarialSpec(weight: 0.004, start: .step(0), adaptive: 0.25, discriminator: network))
    let (fixed, plain) = try trained(AdversarialSpec(weight: 0.001, start: .step(0), discriminator: network))
    #expect(measures["adversarial.factor"] == 0.25)
    #expect(relativeError(adaptive, fixed) < 1e-4)
    let total = try #require(plain["loss.total"])
    #expect(abs(try #require(measures["loss.total"]) - total) < 1e-5 * abs(total))
  }
}
