import Autodiff
import IR
import Models
import Ops
import Spec
import TestSupport
import Testing

/// Gradients of whole losses against finite differences, in double precision: every parameter of every part, along a
/// random direction of all its elements.
@Suite struct ModelGradientTests {
  private struct Mismatch: CustomStringConvertible {
    var parameter: String
    var gradient: Double
    var difference: Double
    var description: String { "\(parameter): reverse mode \(gradient), differences \(difference)" }
  }

  /// Contents that let gradients of every part be seen: initial zeros and norms of one would hide some.
  private func contents(of program: Program, _ random: inout RandomTensors) -> [String: Tensor] {
    var symbols = random.symbols(of: program)
    for use in program.symbols where use.symbol.role == .parameter {
      let type = use.symbol.type
      let isScale = use.symbol.initializer == .ones
      symbols[use.symbol.name] = random.tensor(type, isScale ? .between(0.6, 1.4) : .between(-0.5, 0.5))
    }
    return symbols
  }

  /// Compares <gradient, v> with the five-point difference of the loss along v, for one random v per parameter.
  private func mismatches(_ builder: ProgramBuilder, loss: ValueID, inputs: [String: Tensor]) throws -> [Mismatch] {
    var forward = builder.program
    forward.outputs = [ProgramPort(name: "loss", value: loss)]
    var random = RandomTensors(seed: 3)
    let symbols = contents(of: forward, &random)
    let parameters = forward.symbols.filter { $0.symbol.role == .parameter }
    let gradients = try ReverseMode.gradients(of: loss, withRespectTo: parameters.map(\.value), in: builder)
    var backward = builder.program
    backward.outputs = zip(parameters, gradients).map { ProgramPort(name: $0.symbol.name, value: $1) }
    var state = symbols
    let found = try ReferenceInterpreter.run(backward, inputs: inputs, symbols: &state)
    let held = try forward.holdingStops(inputs: inputs, symbols: symbols)

    var mismatches: [Mismatch] = []
    for use in parameters {
      let name = use.symbol.name
      let (start, gradient) = (try #require(symbols[name]), try #require(found[name]))
      let direction = random.tensor(use.symbol.type, .signed)
      let length = direction.reals.reduce(0) { $0 + $1 * $1 }.squareRoot()
      func value(_ offset: Double) throws -> Double {
        var moved = symbols
        moved[name] = Tensor(use.symbol.type, zip(start.reals, direction.reals).map { $0 + offset * $1 / length })
        return try #require(
          ReferenceInterpreter.run(held.program, inputs: held.inputs, symbols: &moved)["loss"]?.reals[0])
      }
      let step = 2e-4
      let (near, far) = (try value(step) - value(-step), try value(2 * step) - value(-2 * step))
      let difference = (8 * near - far) / (12 * step)
      let slope = zip(gradient.reals, direction.reals).reduce(0) { $0 + $1.0 * $1.1 } / length
      // Zeros against zeros prove nothing; only a bias of all keys moves all logits of a softmax alike.
      let size = gradient.reals.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(size > 1e-7 || name.hasSuffix(".k.bias"), "\(name) has no gradient")
      if abs(difference - slope) > 1e-7 + 2e-5 * size {
        mismatches.append(Mismatch(parameter: name, gradient: slope, difference: difference))
      }
    }
    return mismatches
  }

  static let spec = ModelSpec(
    name: "tiny", image: ImageSpec(size: 4),
    tokenizer: TokenizerSpec(
      encoder: EncoderSpec(
        channels: 4, multipliers: [1, 2], residualBlocks: 1, latentChannels: 4, normGroups: 2),
      adapter: AdapterSpec(layers: 1, heads: 2),
      codebooks: [
        CodebookSpec(name: "a", size: 5, dim: 3), CodebookSpec(name: "b", size: 4, dim: 3, teacher: "t"),
      ],
      quantizer: QuantizerSpec(commitment: 0.25, entropy: EntropySpec(weight: 0.3, temperature: 0.5))),
    teachers: [TeacherSpec(name: "t", kind: .clipViT, weights: "none", width: 4)],
    losses: LossesSpec(disentanglement: DisentanglementSpec(weight: 0.7)),
    generator: GeneratorSpec(layers: 1, width: 8, heads: 2, headLayers: 1))

  @Test func tokenizerLoss() throws {
    var spec = Self.spec
    spec.losses.representation = RepresentationSpec(weight: 0.5, layers: 1, heads: 2)
    let model = Tokenizer(spec)
    let builder = ProgramBuilder(name: "tokenizer.loss")
    let context = GraphContext(builder: builder)
    let image = builder.input("image", model.imageType(batch: 2))
    let teacher = builder.input("teacher", .f32(2, 4))
    let forward = model.forward(context, image: image)
    let terms = model.losses(context, forward, image: image, teachers: ["t": teacher])
    #expect(terms.count == 9, "\(terms.map(\.name))")
    var random = RandomTensors(seed: 5)
    let inputs = ["image": random.tensor(model.imageType(batch: 2)), "teacher": random.tensor(.f32(2, 4))]
    let found = try mismatches(builder, loss: model.total(context, terms), inputs: inputs)
    #expect(found.isEmpty, "\(found)")
    let names = builder.program.symbols.map(\.symbol.name)
    for part in [
      "encoder.adapter.a.", "encoder.head.b.", "representation.b.", "quantizer.a.", "quantizer.b.", "decoder.",
    ] {
      #expect(names.contains { $0.hasPrefix(part) }, "\(part) of \(names)")
    }
  }

  @Test func generatorLoss() throws {
    let model = try #require(Generator(Self.spec, classes: 3))
    let builder = ProgramBuilder(name: "generator.loss")
    let context = GraphContext(builder: builder, key: builder.input("key", .i32(2)))
    let positions = 4
    let codes = ["a", "b"].map { builder.input("codes.\($0)", .i32(2, positions)) }
    let labels = builder.input("labels", .i32(2))
    let logits = model.logits(context, codes: codes, labels: labels)
    let loss = model.losses(context, logits: logits, codes: codes).total
    var random = RandomTensors(seed: 6)
    let inputs = [
      "codes.a": random.tensor(.i32(2, positions), .integers(0..<5)),
      "codes.b": random.tensor(.i32(2, positions), .integers(0..<4)), "labels": Tensor(.i32(2), integers: [1, 3]),
      "key": Tensor(.i32(2), integers: [7, 9]),
    ]
    let found = try mismatches(builder, loss: loss, inputs: inputs)
    #expect(found.isEmpty, "\(found)")
    let names = builder.program.symbols.map(\.symbol.name)
    for part in ["block.0", "head.0"] { #expect(names.contains { $0.contains(part) }, "\(part) of \(names)") }
  }

  /// Held stops make the straight-through estimator visible to differences; without them the check must fail.
  @Test func straightThroughIsNoDerivative() throws {
    let builder = ProgramBuilder(name: "estimator")
    let z = builder.input("z", .f32(3, 2))
    let entries = builder.input("e", .f32(4, 2))
    let code = builder.emitOne(NearestCode(), z, entries)
    let entry = builder.emitOne(Embedding(), entries, code)
    let through = builder.add(z, builder.stopGradient(builder.sub(entry, z)))
    builder.output("y", builder.mean(builder.unary(.square, through)))
    var random = RandomTensors(seed: 1)
    let inputs = ["z": random.tensor(.f32(3, 2)), "e": random.tensor(.f32(4, 2))]
    let held = try builder.program.holdingStops(inputs: inputs, symbols: [:])
    #expect(
      try ReferenceInterpreter.run(held.program, inputs: held.inputs)["y"]
        == ReferenceInterpreter.run(
          builder.program, inputs: inputs)["y"])
    var moved = inputs
    moved["z"]?.reals[0] += 1e-3
    let original = try ReferenceInterpreter.run(builder.program, inputs: moved)["y"]?.reals[0]
    let estimate = try ReferenceInterpreter.run(
      held.program, inputs: held.inputs.merging(moved) { _, new in new })["y"]?.reals[0]
    #expect(original != estimate)
  }
}
