import IR
import KernelInterface
import Ops

/// Elementwise functions, copies, reductions, norms, tokens.
extension OperationBinder {
  private static func kernel(_ function: UnaryFunction) -> UnaryKernel {
    switch function {
    case .negate: .negate
    case .absolute: .absolute
    case .square: .square
    case .sqrt: .sqrt
    case .rsqrt: .rsqrt
    case .reciprocal: .reciprocal
    case .exp: .exp
    case .log: .log
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .silu: .silu
    case .gelu: .gelu
    }
  }

  mutating func bindUnary(_ op: Unary) {
    emit(.unary(UnaryArguments(x: input(0), y: output(), count: type(0).count, function: Self.kernel(op.function))))
  }

  private static func kernel(_ function: BinaryFunction) -> BinaryKernel {
    switch function {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .minimum: .minimum
    case .maximum: .maximum
    case .siluGradient: .siluGradient
    case .geluGradient: .geluGradient
    case .reluGradient: .reluGradient
    case .absoluteGradient: .absoluteGradient
    }
  }

  mutating func bindBinary(_ op: Binary) {
    emit(
      .binary(
        BinaryArguments(
          x: input(0), y: input(1), z: output(), count: type(0).count, inner: type(1).count,
          function: Self.kernel(op.function))))
  }

  mutating func bindPointwise(_ op: Pointwise) {
    let operands = operation.operands.indices.map { PointwiseOperand(base: input($0), inner: type($0).count) }
    let steps = op.expression.steps.map { step -> PointwiseInstruction in
      switch step {
      case .operand(let index): .operand(Int32(truncatingIfNeeded: index))
      case .unary(let function): .unary(Self.kernel(function))
      case .binary(let function): .binary(Self.kernel(function))
      case .affine(let scale, let offset): .affine(scale: scale, offset: offset)
      }
    }
    emit(
      .pointwise(
        PointwiseArguments(
          operands: table(operands), steps: table(steps), stepCount: steps.count, y: output(), count: type(0).count,
          depth: op.expression.depth ?? 1)))
  }

  mutating func bindTranspose(_ op: Transpose) {
    let source = shape(0)
    var strides = [Int](repeating: 1, count: source.count)
    for index in stride(from: source.count - 2, through: 0, by: -1) {
      strides[index] = strides[index + 1] * source[index + 1]
    }
    var (extents, steps) = (SIMD8<Int>(repeating: 1), SIMD8<Int>())
    let lead = 5 - source.count
    for (index, dimension) in op.permutation.enumerated() {
      extents[lead + index] = source[dimension]
      steps[lead + index] = strides[dimension]
    }
    emit(.transpose(TransposeArguments(source: input(0), target: output(), extents: extents, strides: steps)))
  }

  private mutating func copy(
    from source: FloatInput, to target: FloatOutput, rows: Int, length: Int, sourceStride: Int, targetStride: Int
  ) {
    emit(
      .copyBlocks(
        CopyBlocksArguments(
          source: source, target: target, rows: rows, length: length, sourceStride: sourceStride,
          targetStride: targetStride)))
  }

  mutating func bindConcat(_ op: Concat) {
    let result = resultType()
    let rows = result.shape.prefix(op.axis).reduce(1, *)
    let stride = result.count / rows
    var offset = 0
    for operand in operation.operands.indices {
      let length = type(operand).count / rows
      copy(
        from: input(operand), to: output() + offset, rows: rows, length: length, sourceStride: length,
        targetStride: stride)
      offset += length
    }
  }

  mutating func bindSlice(_ op: Slice) {
    // A slice that the planner made an alias has nothing to do.
    let inner = shape(0).dropFirst(op.axis + 1).reduce(1, *)
    let rows = shape(0).prefix(op.axis).reduce(1, *)
    let source = input(0) + op.start * inner
    if UnsafePointer(output()) == source { return }
    copy(
      from: source, to: output(), rows: rows, length: (op.end - op.start) * inner,
      sourceStride: shape(0)[op.axis] * inner, targetStride: (op.end - op.start) * inner)
  }

  mutating func bindPad(_ op: Pad) {
    let inner = shape(0).dropFirst(op.axis + 1).reduce(1, *)
    let rows = shape(0).prefix(op.axis).reduce(1, *)
    let length = shape(0)[op.axis] * inner
    let stride = resultType().shape[op.axis] * inner
    emit(.fill(FillArguments(target: output(), count: resultType().count, value: 0)))
    copy(
      from: input(0), to: output() + op.before * inner, rows: rows, length: length, sourceStride: length,
      targetStride: stride)
  }

  /// Sums over the middle of [outer, rows, inner]; a long single sum goes through fixed chunks.
  mutating func reduce(_ x: FloatInput, _ y: FloatOutput, outer: Int, rows: Int, inner: Int, factor: Float = 1) {
    let chunks = ReduceArguments.chunks(rows: rows)
    if outer == 1 && rows > ReduceArguments.splitRows && chunks > 1 {
      let partial = take(chunks * inner)
      emit(
        .reduce(
          ReduceArguments(
            x: x, y: partial, outer: chunks, rows: Partition.ceil(rows, chunks), inner: inner, limit: rows, factor: 1)))
      reduce(FloatInput(partial), y, outer: 1, rows: chunks, inner: inner, factor: factor)
    } else {
      emit(
        .reduce(
          ReduceArguments(x: x, y: y, outer: outer, rows: rows, inner: inner, limit: outer * rows, factor: factor)))
    }
  }

  mutating func bindReduce(_ op: ReduceSum) {
    let s = shape(0)
    reduce(
      input(0), output(), outer: s.prefix(op.start).reduce(1, *), rows: s[op.start..<op.end].reduce(1, *),
      inner: s.dropFirst(op.end).reduce(1, *))
  }

  mutating func bindGroupNorm(_ op: GroupNorm) {
    let s = shape(0)
    let (pixels, channels) = (s.dropFirst().dropLast().reduce(1, *), type(0).lastExtent)
    var norm = GroupNormArguments(
      x: input(0), gamma: input(1), beta: input(2), y: output(0), mean: output(1), rstd: output(2), batch: s[0],
      pixels: pixels, channels: channels, groups: op.groups, epsilon: op.epsilon, silu: op.activation == .silu)
    // A small image is normalised in one go; one that leaves the cache is divided.
    let chunks = GroupNormChunks(pixels: pixels, channels: channels).count
    if chunks > 1 {
      let count = s[0] * chunks * op.groups
      let partials = GroupNormPartialsArguments(
        x: norm.x, means: take(count), squares: take(count), batch: s[0], pixels: pixels, channels: channels,
        groups: op.groups)
      emit(.groupNormPartials(partials))
      emit(
        .groupNormFinish(
          GroupNormFinishArguments(partials: partials, mean: norm.mean, rstd: norm.rstd, epsilon: op.epsilon)))
      norm.hasStatistics = true
    }
    emit(.groupNorm(norm))
  }

  mutating func bindGroupNormApply(_ op: GroupNormApply) {
    let s = shape(0)
    emit(
      .groupNorm(
        GroupNormArguments(
          x: input(0), gamma: input(1), beta: input(2), y: output(0), mean: mutable(3), rstd: mutable(4), batch: s[0],
          pixels: s.dropFirst().dropLast().reduce(1, *), channels: type(0).lastExtent, groups: op.groups, epsilon: 0,
          silu: op.activation == .silu, hasStatistics: true)))
  }

  mutating func bindGroupNormGradient(_ op: GroupNormGradient) {
    let s = shape(0)
    let channels = type(0).lastExtent
    let (dgamma, dbeta) = (take(s[0] * channels), take(s[0] * channels))
    emit(
      .groupNormGradient(
        GroupNormGradientArguments(
          x: input(0), gamma: input(1), beta: input(2), mean: input(3), rstd: input(4), dy: input(5),
          sum: optional(6), dx: output(0), dgamma: dgamma, dbeta: dbeta, batch: s[0],
          pixels: s.dropFirst().dropLast().reduce(1, *),
          channels: channels, groups: op.groups, silu: op.activation == .silu)))
    reduce(FloatInput(dgamma), output(1), outer: 1, rows: s[0], inner: channels)
    reduce(FloatInput(dbeta), output(2), outer: 1, rows: s[0], inner: channels)
  }

  mutating func bindRowNorm(epsilon: Float, layer: Bool) {
    emit(
      .rowNorm(
        RowNormArguments(
          x: input(0), gamma: input(1), beta: layer ? input(2) : nil, y: output(0), mean: layer ? output(1) : nil,
          rstd: output(layer ? 2 : 1), rows: type(0).rowCount, width: type(0).lastExtent, epsilon: epsilon)))
  }

  mutating func bindRowNormGradient(layer: Bool) {
    let (rows, width) = (type(0).rowCount, type(0).lastExtent)
    let chunks = RowNormGradientArguments.chunks(rows: rows)
    let dgamma = take(chunks * width)
    let dbeta = layer ? take(chunks * width) : nil
    emit(
      .rowNormGradient(
        RowNormGradientArguments(
          x: input(0), gamma: input(1), mean: layer ? input(2) : nil, rstd: input(layer ? 3 : 2),
          dy: input(layer ? 4 : 3), sum: optional(layer ? 5 : 4), dx: output(0), dgamma: dgamma, dbeta: dbeta,
          rows: rows, width: width)))
    reduce(FloatInput(dgamma), output(1), outer: 1, rows: chunks, inner: width)
    if let dbeta { reduce(FloatInput(dbeta), output(2), outer: 1, rows: chunks, inner: width) }
  }

  mutating func bindRotary(_ op: Rotary) {
    let s = shape(0)
    let (heads, depth) = (s[s.count - 2], s[s.count - 1])
    let isJoint = s.count == 5
    emit(
      .rotary(
        RotaryArguments(
          x: input(0), table: input(1), position: operation.operands.count > 2 ? indices(2) : nil, y: output(),
          batch: s[0], tokens: s[1], heads: isJoint ? 2 * heads : heads, depth: depth,
          kept: isJoint ? heads * depth : 0, tableRows: shape(1)[0], inverse: op.inverse)))
  }

  mutating func bindSchedule(_ op: Schedule) {
    let shape: ScheduleKernel
    switch op.shape {
    case .step: shape = .step
    case .linear: shape = .linear
    case .cosine: shape = .cosine
    case .every: shape = .every
    }
    emit(
      .schedule(
        ScheduleArguments(
          step: indices(0), value: output(), shape: shape, from: op.from, to: op.to, start: op.start, span: op.span)))
  }

}
