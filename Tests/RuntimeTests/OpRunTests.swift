import IR
import Ops
import TestSupport
import Testing

@testable import Runtime

/// Every op on the runtime against the reference interpreter: the example of its page, and every elementwise function.
@Suite(.serialized) struct OpRunTests {
  private static let pool = ThreadPool(threadCount: 2)

  private func check(_ program: Program, _ range: ElementRange, seed: Int) throws {
    var random = RandomTensors(seed: seed)
    var inputs: [String: Tensor] = [:]
    for port in program.inputs { inputs[port.name] = random.tensor(program.type(of: port.value), range) }
    // Only greedy sampling has an exact reference.
    if inputs["settings"] != nil { inputs["settings"] = Tensor(.f32(3), [0, 0, 1]) }
    let symbols = random.symbols(of: program)
    for set in KernelSelection.available {
      let run = try RuntimeRun(program, inputs: inputs, symbols: symbols, on: set, pool: Self.pool)
      let failures = try StepwiseComparison().run(run)
      #expect(failures.isEmpty, "\(set): \(failures.joined(separator: "\n"))")
      let stepwise = run.results()
      #expect(try run.run().firstDifference(from: stepwise) == nil, "\(set): a second run differs")
    }
  }

  @Test(arguments: OpTable.types.indices) func exampleAgrees(_ index: Int) throws {
    // What this gradient is given must be what the forward pass saved: the next test.
    if OpTable.types[index] == EntropyLossGradient.self { return }
    // Its result is only for products of this machine: PackedWeightsTests.
    if OpTable.types[index] == PackWeights.self { return }
    let program = try ProgramParser.parse(OpTable.types[index].example, registry: OpTable.registry)
    for seed in 0..<3 { try check(program, .positive, seed: seed) }
  }

  @Test func entropyGradientAgrees() throws {
    let builder = ProgramBuilder(name: "entropy")
    let (z, e) = (builder.input("z", .f32(37, 5)), builder.input("e", .f32(19, 5)))
    let saved = builder.emit(EntropyLoss(temperature: 0.5), [z, e])
    let gradients = builder.emit(
      EntropyLossGradient(temperature: 0.5), [z, e, saved[1], saved[2], builder.input("d", .f32())])
    builder.output("dz", gradients[0])
    builder.output("de", gradients[1])
    try check(builder.program, .signed, seed: 4)
  }

  /// By tiles, and directly.
  @Test(arguments: [(18, 32), (5, 3)]) func biasGradientAgrees(_ size: Int, _ channels: Int) throws {
    let builder = ProgramBuilder(name: "bias")
    let (x, dy) = (builder.input("x", .f32(2, size, 15, channels)), builder.input("dy", .f32(2, size, 15, 48)))
    let op = Conv2DWeightGradient(stride: 1, padding: Padding(all: 1), kernel: [3, 3], sumsBias: true)
    let gradients = builder.emit(op, [x, dy])
    builder.output("dw", gradients[0])
    builder.output("db", gradients[1])
    try check(builder.program, .signed, seed: 5)
  }

  /// A convolution of an upsampled image and its gradients, by tiles, and directly.
  @Test(arguments: [(9, 32), (3, 3)]) func upsamplingConvolutionAgrees(_ size: Int, _ channels: Int) throws {
    let builder = ProgramBuilder(name: "upsampling")
    let (x, w) = (builder.input("x", .f32(2, size, 8, channels)), builder.input("w", .f32(48, 3, 3, channels)))
    let (dy, bias) = (builder.input("dy", .f32(2, 2 * size, 16, 48)), builder.input("b", .f32(48)))
    let padding = Padding(all: 1)
    builder.output("y", builder.emit(Conv2D(padding: padding, upsample: true), [x, w, bias])[0])
    let image = Conv2DInputGradient(stride: 1, padding: padding, size: [size, 8], upsample: true)
    builder.output("dx", builder.emit(image, [dy, w])[0])
    let weights = Conv2DWeightGradient(stride: 1, padding: padding, kernel: [3, 3], upsample: true, sumsBias: true)
    let gradients = builder.emit(weights, [x, dy])
    builder.output("dw", gradients[0])
    builder.output("db", gradients[1])
    try check(builder.program, .signed, seed: 6)
  }

  /// Few tokens, which have a kernel of their own, and many.
  @Test(arguments: [4, 70]) func jointAttentionAgrees(_ tokens: Int) throws {
    let builder = ProgramBuilder(name: "joint")
    let joint = builder.input("qkv", .f32(2, tokens, 3, 2, 16))
    let (op, gradient) = (Attention(scale: 0.25, causal: false), AttentionGradient(scale: 0.25, causal: false))
    let results = builder.emit(op, [joint])
    builder.output("o", results[0])
    builder.output("d", builder.emit(gradient, [joint] + results + [builder.input("do", .f32(2, tokens, 2, 16))])[0])
    try check(builder.program, .signed, seed: 7)
  }

  @Test(arguments: UnaryFunction.allCases) func unaryFunctionAgrees(_ function: UnaryFunction) throws {
    let builder = ProgramBuilder(name: "unary")
    builder.output("y", builder.unary(function, builder.input("x", .f32(3, 11))))
    let isPartial = [.sqrt, .rsqrt, .log, .reciprocal].contains(function)
    try check(builder.program, isPartial ? .positive : .between(-3, 3), seed: 1)
  }

  @Test(arguments: BinaryFunction.allCases) func binaryFunctionAgrees(_ function: BinaryFunction) throws {
    let builder = ProgramBuilder(name: "binary")
    let (x, y) = (builder.input("x", .f32(5, 7)), builder.input("y", .f32(5, 7)))
    builder.output("z", builder.binary(function, x, y))
    try check(builder.program, .awayFromZero, seed: 2)
  }

  /// Every unary and binary function has its own kernel: a wrong case of the binding would give equal results.
  @Test func functionsDiffer() throws {
    let x = Tensor(.f32(4), [0.3, -0.7, 1.9, -2.5].map { Double(Float($0)) })
    let y = Tensor(.f32(4), [1.5, 0.4, -0.6, 2.25])
    let builder = ProgramBuilder(name: "all")
    let (a, b) = (builder.input("x", x.type), builder.input("y", y.type))
    for function in UnaryFunction.allCases { builder.output("\(function)", builder.unary(function, a)) }
    for function in BinaryFunction.allCases { builder.output("\(function)", builder.binary(function, a, b)) }
    let run = try RuntimeRun(
      builder.program, inputs: ["x": x, "y": y], symbols: [:], on: .baseline, pool: Self.pool)
    let results = try run.run()
    #expect(Set(results.values.map { $0.reals.map(\.bitPattern) }).count == results.count)
  }
}
