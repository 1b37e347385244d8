import KernelInterface
import KernelReference
import Runtime
import Testing

extension ConvolutionPlan {
  /// A window of `kernel` with the padding [top, left, bottom, right].
  init(
    _ batch: Int, _ size: (Int, Int), _ channels: (Int, Int), kernel: (Int, Int), stride: Int, _ pad: [Int],
    upsamples: Bool = false
  ) {
    self.init(
      batch: batch, height: size.0, width: size.1, inputChannels: channels.0, outputChannels: channels.1,
      kernelHeight: kernel.0, kernelWidth: kernel.1, stride: stride, top: pad[0], left: pad[1], bottom: pad[2],
      right: pad[3], upsamples: upsamples)
  }

  var xCount: Int { batch * height * width / (upsamples ? 4 : 1) * inputChannels }
  var yCount: Int { batch * outputHeight * outputWidth * outputChannels }
  var wCount: Int { outputChannels * kernelHeight * kernelWidth * inputChannels }
}

@Suite struct ConvolutionTests {
  static let shapes: [ConvolutionPlan] = [
    // The 3 x 3 of residual blocks, even and odd sizes; a stem and a last layer.
    ConvolutionPlan(2, (8, 8), (32, 64), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(1, (7, 15), (5, 35), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(2, (9, 11), (3, 32), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(2, (9, 11), (19, 3), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(1, (33, 17), (16, 1), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    // By tiles: whole and cut tiles, one and several blocks of tiles and columns, several chunks of the weight gradient.
    ConvolutionPlan(2, (16, 16), (32, 48), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(3, (15, 14), (48, 32), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(1, (40, 44), (32, 160), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(5, (30, 31), (32, 32), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    // Few tiles: one and several blocks of rows of weights, a cut panel.
    ConvolutionPlan(1, (15, 16), (80, 48), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(3, (16, 16), (48, 112), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    // Downsampling: padded right and below only, odd and even sizes.
    ConvolutionPlan(2, (8, 8), (6, 10), kernel: (3, 3), stride: 2, [0, 0, 1, 1]),
    ConvolutionPlan(1, (9, 12), (32, 33), kernel: (3, 3), stride: 2, [0, 0, 1, 1]),
    // Discriminators: 4 x 4.
    ConvolutionPlan(1, (12, 10), (3, 8), kernel: (4, 4), stride: 2, [1, 1, 1, 1]),
    ConvolutionPlan(2, (5, 6), (9, 1), kernel: (4, 4), stride: 1, [1, 1, 1, 1]),
    // Pointwise, also strided or padded, also with channels that fill panels.
    ConvolutionPlan(3, (4, 5), (12, 20), kernel: (1, 1), stride: 1, [0, 0, 0, 0]),
    ConvolutionPlan(1, (16, 40), (32, 7), kernel: (1, 1), stride: 1, [0, 0, 0, 0]),
    ConvolutionPlan(2, (7, 5), (4, 6), kernel: (1, 1), stride: 2, [0, 0, 0, 0]),
    ConvolutionPlan(1, (3, 3), (2, 40), kernel: (1, 1), stride: 1, [1, 0, 0, 2]),
    // Patches, strides beyond the window, windows that leave pixels out, padding beyond the window.
    ConvolutionPlan(2, (8, 8), (3, 64), kernel: (4, 4), stride: 4, [0, 0, 0, 0]),
    ConvolutionPlan(1, (11, 10), (4, 5), kernel: (2, 3), stride: 4, [0, 1, 0, 0]),
    ConvolutionPlan(1, (10, 9), (3, 6), kernel: (3, 2), stride: 3, [2, 0, 1, 3]),
    ConvolutionPlan(1, (4, 3), (2, 5), kernel: (2, 2), stride: 1, [3, 4, 2, 5]),
    ConvolutionPlan(1, (2, 3), (33, 34), kernel: (5, 7), stride: 1, [2, 3, 2, 3]),
    // More rows than a unit or a chunk holds.
    ConvolutionPlan(1, (40, 30), (4, 37), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(3, (24, 30), (3, 64), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(1, (1, 300), (2, 6), kernel: (1, 5), stride: 1, [0, 2, 0, 2]),
    // Upsampled by tiles: whole and cut tiles, few and many, several chunks of the weight gradient.
    ConvolutionPlan(2, (16, 16), (32, 48), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(3, (14, 22), (48, 32), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(5, (30, 32), (32, 32), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    // Upsampled directly: few channels on either side, windows of other sizes, padding beyond and short of the window.
    ConvolutionPlan(2, (8, 8), (32, 64), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(1, (6, 14), (5, 35), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(2, (10, 12), (19, 3), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(2, (10, 6), (3, 32), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(1, (4, 6), (2, 5), kernel: (2, 2), stride: 1, [3, 4, 2, 5], upsamples: true),
    ConvolutionPlan(1, (2, 4), (33, 34), kernel: (5, 7), stride: 1, [2, 3, 2, 3], upsamples: true),
    ConvolutionPlan(2, (6, 8), (7, 64), kernel: (4, 3), stride: 1, [0, 0, 0, 0], upsamples: true),
    ConvolutionPlan(1, (4, 6), (12, 20), kernel: (1, 1), stride: 1, [0, 0, 0, 0], upsamples: true),
  ]

  /// The shapes in every precision; for bf16 the operands of the reference are rounded where the plan rounds them.
  static let plans: [ConvolutionPlan] = [ProductPrecision.f32, .bf16, .strict].flatMap { precision in
    shapes.map { shape in
      var plan = shape
      plan.precision = precision
      return plan
    }
  }

  @Test(arguments: shapes) func nothingIsRoundedInFullPrecision(_ plan: ConvolutionPlan) {
    #expect(!plan.roundsOperands && !plan.inputGradientRoundsOperands && !plan.weightGradientRoundsOperands)
  }

  @Test(arguments: KernelSelection.available, plans)
  func forward(_ set: InstructionSet, _ plan: ConvolutionPlan) {
    var numbers = Samples(11)
    let (x, w) = (numbers.uniform(plan.xCount), numbers.uniform(plan.wCount))
    let (image, weights) = (GuardedBuffer(x), GuardedBuffer(w))
    let got = runAllOrders(set, outputs: [plan.yCount], workspace: plan.workspaceByteCount) {
      plan.calls(x: image.pointer, w: weights.pointer, y: $0[0], workspace: $1)
    }
    let (a, b) = plan.roundsOperands ? (x.map(brainFloat), w.map(brainFloat)) : (x, w)
    expectClose(
      got[0], Reference.convolution(plan, x: a.doubles, w: b.doubles),
      magnitude: Reference.convolution(plan, x: a.magnitudes, w: b.magnitudes), terms: plan.wCount, "\(set) \(plan)")
  }

  @Test(arguments: KernelSelection.available, plans)
  func inputGradient(_ set: InstructionSet, _ plan: ConvolutionPlan) {
    var numbers = Samples(12)
    let (dy, w) = (numbers.uniform(plan.yCount), numbers.uniform(plan.wCount))
    let (gradient, weights) = (GuardedBuffer(dy), GuardedBuffer(w))
    let got = runAllOrders(set, outputs: [plan.xCount], workspace: plan.inputGradientWorkspaceByteCount) {
      plan.inputGradientCalls(dy: gradient.pointer, w: weights.pointer, dx: $0[0], workspace: $1)
    }
    let (a, b) = plan.inputGradientRoundsOperands ? (dy.map(brainFloat), w.map(brainFloat)) : (dy, w)
    expectClose(
      got[0], Reference.convolutionInputGradient(plan, dy: a.doubles, w: b.doubles),
      magnitude: Reference.convolutionInputGradient(plan, dy: a.magnitudes, w: b.magnitudes), terms: plan.wCount,
      "\(set) \(plan)")
  }

  @Test(arguments: KernelSelection.available, plans)
  func weightGradient(_ set: InstructionSet, _ plan: ConvolutionPlan) {
    var numbers = Samples(13)
    let (x, dy) = (numbers.uniform(plan.xCount), numbers.uniform(plan.yCount))
    let (image, gradient) = (GuardedBuffer(x), GuardedBuffer(dy))
    let got = runAllOrders(set, outputs: [plan.wCount], workspace: plan.weightGradientWorkspaceByteCount) {
      plan.weightGradientCalls(x: image.pointer, dy: gradient.pointer, dw: $0[0], workspace: $1)
    }
    let (a, b) = plan.weightGradientRoundsOperands ? (x.map(brainFloat), dy.map(brainFloat)) : (x, dy)
    expectClose(
      got[0], Reference.convolutionWeightGradient(plan, x: a.doubles, dy: b.doubles),
      magnitude: Reference.convolutionWeightGradient(plan, x: a.magnitudes, dy: b.magnitudes),
      terms: plan.batch * plan.outputHeight * plan.outputWidth, "\(set) \(plan)")
    guard let rows = plan.biasSumRows else { return }
    let channels = plan.outputChannels
    let both = runAllOrders(
      set, outputs: [plan.wCount, rows * channels], workspace: plan.weightGradientWorkspaceByteCount
    ) {
      plan.weightGradientCalls(x: image.pointer, dy: gradient.pointer, dw: $0[0], biasSums: $0[1], workspace: $1)
    }
    #expect(both[0] == got[0])
    func sums(_ values: [Double]) -> [Double] {
      (0..<channels).map { channel in
        stride(from: channel, to: values.count, by: channels).reduce(0) { $0 + values[$1] }
      }
    }
    expectClose(
      sums(both[1].doubles).map { Float($0) }, sums(dy.doubles), magnitude: sums(dy.magnitudes), terms: 64,
      "\(set) \(plan)")
  }

  static let epilogues: [ConvolutionPlan] = [
    ConvolutionPlan(2, (9, 7), (6, 37), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(1, (9, 7), (16, 3), kernel: (3, 3), stride: 2, [0, 0, 1, 1]),
    ConvolutionPlan(1, (15, 16), (32, 48), kernel: (3, 3), stride: 1, [1, 1, 1, 1]),
    ConvolutionPlan(2, (5, 6), (16, 33), kernel: (1, 1), stride: 1, [0, 0, 0, 0]),
    ConvolutionPlan(1, (16, 18), (32, 48), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(3, (14, 20), (48, 32), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
    ConvolutionPlan(2, (6, 4), (6, 5), kernel: (3, 3), stride: 1, [1, 1, 1, 1], upsamples: true),
  ]

  @Test(arguments: epilogues, [FusedActivation.none, .silu])
  func fusesBiasActivationAndResidual(_ plan: ConvolutionPlan, _ activation: FusedActivation) {
    var numbers = Samples(14)
    let (x, w) = (numbers.uniform(plan.xCount), numbers.uniform(plan.wCount))
    let (bias, residual) = (numbers.uniform(plan.outputChannels), numbers.uniform(plan.yCount))
    let inputs = [x, w, bias, residual].map { GuardedBuffer($0) }
    let expected = Reference.epilogue(
      Reference.convolution(plan, x: x.doubles, w: w.doubles), bias: bias.doubles, activation: activation,
      residual: residual.doubles)
    let magnitude = Reference.convolution(plan, x: x.magnitudes, w: w.magnitudes).map { 1.2 * $0 + 2 }
    for set in KernelSelection.available {
      let got = runAllOrders(set, outputs: [plan.yCount], workspace: plan.workspaceByteCount) {
        plan.calls(
          x: inputs[0].pointer, w: inputs[1].pointer, y: $0[0], bias: inputs[2].pointer, activation: activation,
          residual: inputs[3].pointer, workspace: $1)
      }
      expectClose(got[0], expected, magnitude: magnitude, terms: plan.wCount, "\(set) \(activation) \(plan)")
    }
  }

  @Test(arguments: epilogues, [FusedActivation.none, .silu])
  func inputGradientFusesActivationAndResidual(_ plan: ConvolutionPlan, _ activation: FusedActivation) {
    var numbers = Samples(15)
    let (dy, w, residual) = (
      numbers.uniform(plan.yCount), numbers.uniform(plan.wCount), numbers.uniform(plan.xCount)
    )
    let inputs = [dy, w, residual].map { GuardedBuffer($0) }
    let expected = Reference.epilogue(
      Reference.convolutionInputGradient(plan, dy: dy.doubles, w: w.doubles),
      bias: [Double](repeating: 0, count: plan.inputChannels), activation: activation, residual: residual.doubles)
    let magnitude = Reference.convolutionInputGradient(plan, dy: dy.magnitudes, w: w.magnitudes).map { 1.2 * $0 + 2 }
    for set in KernelSelection.available {
      let got = runAllOrders(set, outputs: [plan.xCount], workspace: plan.inputGradientWorkspaceByteCount) {
        plan.inputGradientCalls(
          dy: inputs[0].pointer, w: inputs[1].pointer, dx: $0[0], activation: activation,
          residual: inputs[2].pointer, workspace: $1)
      }
      expectClose(got[0], expected, magnitude: magnitude, terms: plan.wCount, "\(set) \(activation) \(plan)")
    }
  }
}
