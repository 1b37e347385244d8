import IR
import KernelInterface
import Ops

extension ProductPrecision {
  fileprivate init(_ precision: OperandPrecision) {
    switch precision {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .strict: self = .strict
    }
  }
}

/// Products of matrices, convolutions, attention.
extension OperationBinder {
  /// The calls of a plan, with a workspace of their own.
  private mutating func emit(workspace byteCount: Int, _ calls: (UnsafeMutableRawPointer) -> [MatrixCall]) {
    for call in calls(UnsafeMutableRawPointer(take(byteCount / 4))) { emit(call) }
  }

  /// Bias, activation and residual of an op with `count` operands before them.
  private func epilogue(
    _ epilogue: Epilogue, after count: Int
  ) -> (bias: FloatInput?, activation: FusedActivation, residual: FloatInput?) {
    let activation: FusedActivation
    switch epilogue.activation {
    case .none: activation = .none
    case .relu: activation = .relu
    case .silu: activation = .silu
    case .gelu: activation = .gelu
    }
    let bias = epilogue.inner(operation.operands).count > count ? input(count) : nil
    return (bias, activation, epilogue.addsResidual ? input(operation.operands.count - 1) : nil)
  }

  /// The precision of a product of weights that may be packed, which decides it.
  private func precision(of op: some HasPrecision & ReadsPackedWeights) -> ProductPrecision {
    let precision = ProductPrecision(op.precision)
    return op.isPacked ? precision.used(rounding: type(1).dtype == .bf16) : precision
  }

  mutating func bindPackWeights(_ op: PackWeights) {
    let shape = shape(0)
    let run = shape.count == 2 ? shape[1] : shape[2] * shape[3]
    emit(
      MatrixCall.pack(
        PackArguments(
          weights: input(0), outputChannels: shape[0], kernelHeight: shape.count == 2 ? 1 : shape[1], run: run,
          precision: ProductPrecision(op.precision), packed: output())))
  }

  mutating func bindMatMul(_ op: MatMul) {
    let (m, n, k) = op.extents(type(0), type(1))
    let plan = ProductPlan(
      m: m, n: n, k: k, transposeA: op.transposeA, transposeB: op.transposeB, batch: type(0).count / (m * k),
      precision: ProductPrecision(op.precision))
    let (a, b, c, epilogue) = (input(0), input(1), output(), epilogue(op.epilogue, after: 2))
    emit(workspace: plan.workspaceByteCount) {
      plan.calls(a: a, b: b, c: c, activation: epilogue.activation, residual: epilogue.residual, workspace: $0)
    }
  }

  mutating func bindLinear(_ op: Linear) {
    let (n, k) = (shape(1)[0], shape(1)[1])
    let (x, w, y) = (input(0), input(1), output())
    let narrow = op.isPacked ? nil : narrow(1)
    let scales = narrow?.storage == .i8 ? input(2) : nil
    let epilogue = epilogue(op.epilogue, after: scales == nil ? 2 : 3)
    if let narrow {
      let plan = NarrowProductPlan(
        m: type(0).count / k, n: n, k: k, storage: narrow.storage, precision: ProductPrecision(op.precision))
      return emit(workspace: plan.workspaceByteCount) {
        plan.calls(
          x: x, w: narrow.weights, scales: scales, y: y, bias: epilogue.bias, activation: epilogue.activation,
          residual: epilogue.residual, workspace: $0)
      }
    }
    var plan = ProductPlan(
      m: type(0).count / k, n: n, k: k, transposeB: true, precision: precision(of: op))
    plan.isPacked = op.isPacked
    emit(workspace: plan.workspaceByteCount) {
      plan.calls(
        a: x, b: w, c: y, bias: epilogue.bias, activation: epilogue.activation, residual: epilogue.residual,
        workspace: $0)
    }
  }

  private func plan(_ op: some ConvolutionOp) -> ConvolutionPlan { ConvolutionPlan(op, of: operation, in: program) }

  mutating func bindConvolution(_ op: Conv2D) {
    var plan = plan(op)
    plan.precision = precision(of: op)
    plan.isPacked = op.isPacked
    let (x, w, y, epilogue) = (input(0), input(1), output(), epilogue(op.epilogue, after: 2))
    emit(workspace: plan.workspaceByteCount) {
      plan.calls(
        x: x, w: w, y: y, bias: epilogue.bias, activation: epilogue.activation, residual: epilogue.residual,
        workspace: $0)
    }
  }

  mutating func bindConvolutionInputGradient(_ op: Conv2DInputGradient) {
    let plan = plan(op)
    let (dy, w, dx, epilogue) = (input(0), input(1), output(), epilogue(op.epilogue, after: 2))
    emit(workspace: plan.inputGradientWorkspaceByteCount) {
      plan.inputGradientCalls(
        dy: dy, w: w, dx: dx, activation: epilogue.activation, residual: epilogue.residual, workspace: $0)
    }
  }

  mutating func bindConvolutionWeightGradient(_ op: Conv2DWeightGradient) {
    let plan = plan(op)
    let (x, dy, dw) = (input(0), input(1), output())
    let channels = plan.outputChannels
    let rows = op.sumsBias ? plan.biasSumRows : nil
    let sums = rows.map { take($0 * channels) }
    emit(workspace: plan.weightGradientWorkspaceByteCount) {
      plan.weightGradientCalls(x: x, dy: dy, dw: dw, biasSums: sums, workspace: $0)
    }
    if let sums, let rows {
      reduce(FloatInput(sums), output(1), outer: 1, rows: rows, inner: channels)
    } else if op.sumsBias {
      reduce(dy, output(1), outer: 1, rows: type(1).count / channels, inner: channels)
    }
  }

  mutating func bindAttention(_ op: Attention) {
    emit(.attention(attention(o: output(0), lse: output(1), op.scale, op.causal, op.precision)))
  }

  mutating func bindAttentionGradient(_ op: AttentionGradient) {
    let sizes = AttentionSizes(program.types(of: operation.operands))
    let (own, width) = (sizes.operandCount, sizes.heads * sizes.depth)
    let dq = output(0)
    emit(
      .attentionGradient(
        AttentionGradientArguments(
          forward: attention(o: mutable(own), lse: mutable(own + 1), op.scale, op.causal, op.precision),
          dOutput: input(own + 2), dq: dq, dk: sizes.isJoint ? dq + width : output(1),
          dv: sizes.isJoint ? dq + 2 * width : output(2))))
  }

  private func attention(
    o: FloatOutput, lse: FloatOutput, _ scale: Float, _ causal: Bool, _ precision: OperandPrecision
  ) -> AttentionArguments {
    let sizes = AttentionSizes(program.types(of: operation.operands))
    let (q, width) = (input(0), sizes.heads * sizes.depth)
    return AttentionArguments(
      q: q, k: sizes.isJoint ? q + width : input(1), v: sizes.isJoint ? q + 2 * width : input(2), o: o, lse: lse,
      batch: sizes.batch, queries: sizes.queries, keys: sizes.keys, heads: sizes.heads, depth: sizes.depth,
      inputRow: sizes.isJoint ? 3 * width : width, scale: scale, causal: causal,
      precision: ProductPrecision(precision))
  }

  mutating func bindCachedAttention(_ op: CachedAttention) {
    let s = shape(1)
    emit(
      .cachedAttention(
        CachedAttentionArguments(
          q: input(0), keys: input(1), values: input(2), position: indices(3), o: output(), batch: s[0],
          capacity: s[1], heads: s[2], depth: s[3], scale: op.scale)))
  }
}

extension ConvolutionPlan {
  /// The plan of an operation that is a convolution or one of its gradients, as `op` says.
  init(_ op: some ConvolutionOp, of operation: Operation, in program: Program) {
    let (x, w) = op.shapes(
      operands: program.types(of: operation.operands), results: program.types(of: operation.results))
    let scale = op.upsample ? 2 : 1
    self.init(
      batch: x[0], height: scale * x[1], width: scale * x[2], inputChannels: x[3], outputChannels: w[0],
      kernelHeight: w[1], kernelWidth: w[2], stride: op.stride, top: op.padding.top, left: op.padding.left,
      bottom: op.padding.bottom, right: op.padding.right, upsamples: op.upsample,
      precision: ProductPrecision(op.precision))
  }
}
