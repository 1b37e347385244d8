import KernelInterface
import KernelReference
import Runtime
import Testing

#if arch(x86_64)
  @testable import KernelsAVX512
#endif

/// The nearest bfloat16, ties to even.
func brainFloat(_ value: Float) -> Float {
  let bits = value.bitPattern
  return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
}

/// Products with bf16 operands against references whose operands are rounded first.
@Suite struct BrainFloatTests {
  @Test(arguments: KernelSelection.available, ProductTests.shapes)
  func products(_ set: InstructionSet, _ shape: ProductPlan) {
    var plan = shape
    plan.precision = .bf16
    var numbers = Samples(plan.m * 1000 + plan.n)
    let a = numbers.uniform(plan.batch * plan.m * plan.k)
    let b = numbers.uniform(plan.batch * plan.k * plan.n)
    let (left, right) = (GuardedBuffer(a), GuardedBuffer(b))
    let got = runAllOrders(set, outputs: [plan.batch * plan.m * plan.n], workspace: plan.workspaceByteCount) {
      plan.calls(a: left.pointer, b: right.pointer, c: $0[0], workspace: $1)
    }
    let (x, y) = plan.roundsOperands ? (a.map(brainFloat), b.map(brainFloat)) : (a, b)
    expectClose(
      got[0], Reference.product(plan, a: x.doubles, b: y.doubles),
      magnitude: Reference.product(plan, a: x.magnitudes, b: y.magnitudes), terms: plan.k, "\(set) \(plan)")
  }

  @Test(arguments: KernelSelection.available, ProductTests.epilogues)
  func productsWithEpilogues(_ set: InstructionSet, _ shape: ProductPlan) {
    var plan = shape
    plan.precision = .bf16
    var numbers = Samples(7)
    let (a, b) = (numbers.uniform(plan.m * plan.k).map(brainFloat), numbers.uniform(plan.k * plan.n).map(brainFloat))
    let (bias, residual) = (numbers.uniform(plan.n), numbers.uniform(plan.m * plan.n))
    let inputs = [a, b, bias, residual].map { GuardedBuffer($0) }
    let expected = Reference.epilogue(
      Reference.product(plan, a: a.doubles, b: b.doubles), bias: bias.doubles, activation: .silu,
      residual: residual.doubles)
    let magnitude = Reference.product(plan, a: a.magnitudes, b: b.magnitudes).map { 1.2 * $0 + 2 }
    let got = runAllOrders(set, outputs: [plan.m * plan.n], workspace: plan.workspaceByteCount) {
      plan.calls(
        a: inputs[0].pointer, b: inputs[1].pointer, c: $0[0], bias: inputs[2].pointer, activation: .silu,
        residual: inputs[3].pointer, workspace: $1)
    }
    expectClose(got[0], expected, magnitude: magnitude, terms: plan.k, "\(set) \(plan)")
  }

  /// Ties go to the even neighbour, what is too large for bf16 becomes infinite, and a NaN stays one.
  @Test(arguments: KernelSelection.available) func roundsLikeTheFormat(_ set: InstructionSet) {
    let patterns: [UInt32] = [
      0x3f80_8000, 0x3f81_8000, 0x3f80_7fff, 0x3f80_8001, 0xbf80_8000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001,
      0x7fff_ffff, 0xffff_ffff, 0x0000_0000, 0x8000_0000,
    ]
    // One row of A for every number, many enough not to be multiplied as they are; B is the unit matrix.
    let plan = ProductPlan(m: patterns.count, n: 1, k: 1, precision: .bf16)
    let (a, b) = (GuardedBuffer(patterns.map(Float.init(bitPattern:))), GuardedBuffer([Float(1)]))
    let got = runAllOrders(set, outputs: [plan.m], workspace: plan.workspaceByteCount) {
      plan.calls(a: a.pointer, b: b.pointer, c: $0[0], workspace: $1)
    }[0]
    let expected: [Float] = [1, 1.015625, 1, 1.0078125, -1, .infinity, .infinity, .nan, .nan, .nan, 0, 0]
    for (value, wanted) in zip(got, expected) {
      #expect(value == wanted || value.isNaN && wanted.isNaN, "\(set): \(value), not \(wanted)")
    }
  }

  /// Of the ways to compute a convolution, direct sums and products of pixels round; tiles and few channels do not.
  @Test func theWayDecidesWhatIsRounded() {
    func plan(_ channels: (Int, Int), kernel: Int, stride: Int, size: Int = 32) -> ConvolutionPlan {
      let pad = kernel / 2
      return ConvolutionPlan(
        batch: 1, height: size, width: size, inputChannels: channels.0, outputChannels: channels.1,
        kernelHeight: kernel, kernelWidth: kernel, stride: stride, top: pad, left: pad, bottom: pad, right: pad,
        precision: .bf16)
    }
    let tiles = plan((64, 64), kernel: 3, stride: 1)
    #expect(!tiles.roundsOperands && !tiles.inputGradientRoundsOperands && !tiles.weightGradientRoundsOperands)
    let halving = plan((64, 64), kernel: 3, stride: 2)
    #expect(halving.roundsOperands && halving.inputGradientRoundsOperands && !halving.weightGradientRoundsOperands)
    let pointwise = plan((64, 32), kernel: 1, stride: 1)
    #expect(pointwise.roundsOperands && pointwise.inputGradientRoundsOperands && pointwise.weightGradientRoundsOperands)
    #expect(plan((3, 64), kernel: 3, stride: 1).roundsOperands)
    #expect(!plan((64, 3), kernel: 3, stride: 1).roundsOperands)
  }

  @Test(arguments: KernelSelection.available, AttentionTests.shapes)
  func attention(_ set: InstructionSet, _ e: AttentionExtents) {
    var numbers = Samples(21)
    let (queries, keys) = (e.batch * e.queries * e.heads * e.depth, e.batch * e.keys * e.heads * e.depth)
    let values = [queries, keys, keys, queries].map { numbers.uniform($0).map(brainFloat) }
    let inputs = values.map { GuardedBuffer($0) }
    let rows = e.batch * e.heads * e.queries
    func forward(_ o: FloatOutput, _ lse: FloatOutput) -> AttentionArguments {
      AttentionArguments(
        q: inputs[0].pointer, k: inputs[1].pointer, v: inputs[2].pointer, o: o, lse: lse, batch: e.batch,
        queries: e.queries, keys: e.keys, heads: e.heads, depth: e.depth, scale: Float(e.scale), causal: e.causal,
        precision: .bf16)
    }
    let got = runAllOrders(set, outputs: [queries, rows], workspace: 0) { outputs, _ in
      [.attention(forward(outputs[0], outputs[1]))]
    }
    var exact = e
    exact.scale = Double(Float(e.scale))
    let expected = Reference.attention(exact, q: values[0].doubles, k: values[1].doubles, v: values[2].doubles)
    // Operands are bf16 already, so logits are those of f32; probabilities, and gradients of logits, are rounded by 2^-9
    // of themselves on the way into the next product. Probabilities sum to 1 and values are below 1.
    #expect(largestDifference(got[0], expected.o) < 0x1p-8, "\(set) o \(e)")
    let magnitude = [Double](repeating: 4 + 4 * e.scale * Double(e.depth).squareRoot(), count: rows)
    expectClose(got[1], expected.lse, magnitude: magnitude, terms: e.depth, "\(set) lse \(e)")

    let (o, lse) = (GuardedBuffer(got[0]), GuardedBuffer(got[1]))
    let gradients = runAllOrders(set, outputs: [queries, keys, keys], workspace: 0) { outputs, _ in
      [
        .attentionGradient(
          AttentionGradientArguments(
            forward: forward(o.pointer, lse.pointer), dOutput: inputs[3].pointer, dq: outputs[0], dk: outputs[1],
            dv: outputs[2]))
      ]
    }
    let reference = Reference.attentionGradient(
      exact, q: values[0].doubles, k: values[1].doubles, v: values[2].doubles, dOutput: values[3].doubles)
    for (name, gradient, wanted) in [
      ("dq", gradients[0], reference.dq), ("dk", gradients[1], reference.dk), ("dv", gradients[2], reference.dv),
    ] {
      let scale = wanted.map(abs).max() ?? 0
      #expect(largestDifference(gradient, wanted) <= 0x1p-7 * scale + 1e-6, "\(set) \(name) \(e)")
    }
  }

  private func largestDifference(_ got: [Float], _ expected: [Double]) -> Double {
    zip(got, expected).map { $0.isNaN ? .infinity : abs(Double($0) - $1) }.max() ?? 0
  }

  #if arch(x86_64)
    /// What a processor with AVX-512 but without products of bf16 runs, wherever there is AVX-512.
    @Test(.enabled(if: KernelSelection.available.contains(.avx512))) func wideningGivesTheSameProducts() {
      let (rows, columns, pairs, row) = (7, 29, 33, 80)
      var numbers = Samples(5)
      let a = numbers.uniform(rows * row).map(brainFloat)
      let b = numbers.uniform(2 * pairs * 32).map(brainFloat)
      let halves = GuardedBuffer(a.map { UInt16($0.bitPattern >> 16) }, canary: 7)
      let words = GuardedBuffer(
        (0..<pairs * 32).map { i in
          let (pair, lane) = (i / 32, i % 32)
          return b[2 * pair * 32 + lane].bitPattern >> 16 | b[(2 * pair + 1) * 32 + lane].bitPattern
        }, canary: UInt32(7))
      let c = GuardedBuffer<Float>(count: rows * columns)
      KernelsAVX512.multiplyPairs(
        rows: rows, columns: columns, a: halves.pointer, aRow: row, b: words.pointer, bRow: 32, bPanel: 0, pairs: pairs,
        c: c.pointer, cRow: columns, accumulate: false, widens: true)
      var (expected, magnitude) = ([Double](), [Double]())
      for m in 0..<rows {
        for n in 0..<columns {
          let products = (0..<2 * pairs).map { Double(a[m * row + $0]) * Double(b[$0 * 32 + n]) }
          expected.append(products.reduce(0, +))
          magnitude.append(products.map(abs).reduce(0, +))
        }
      }
      expectClose(c.values, expected, magnitude: magnitude, terms: 2 * pairs, "widened")
    }
  #endif
}
