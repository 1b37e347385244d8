extension ConvolutionPlan {
  // The gradient of the image. Along one axis, image row h receives dy[q - j] w[r + s j] for every tap j, where
  // h + top = s q + r. So the rows with the same remainder r ("phase") are a convolution of stride 1 of dy with every
  // s-th tap, flipped; s = 1 has one phase.

  /// One phase along one axis.
  struct Phase {
    /// First image row.
    var start: Int
    /// Image rows.
    var count: Int
    /// First tap of the window.
    var tap: Int
    /// Taps.
    var taps: Int
    /// Row of dy at which the window of the first image row begins; negative in the padding.
    var origin: Int
  }

  static func phases(size: Int, padding: Int, kernel: Int, stride: Int) -> [Phase] {
    (0..<min(stride, size)).map { start in
      let (q, r) = (start + padding).quotientAndRemainder(dividingBy: stride)
      let taps = kernel > r ? (kernel - r + stride - 1) / stride : 0
      return Phase(
        start: start, count: (size - start + stride - 1) / stride, tap: r, taps: taps, origin: q - taps + 1)
    }
  }

  /// Zero rows before and all rows of a frame of dy in which all windows of all phases lie.
  static func frame(_ phases: [Phase], size: Int) -> (padding: Int, size: Int) {
    let padding = max(0, -(phases.map(\.origin).min() ?? 0))
    let end = phases.map { $0.origin + $0.count - 1 + $0.taps }.max() ?? 0
    return (padding, padding + max(end, size))
  }

  private var rowPhases: [Phase] {
    Self.phases(size: height, padding: top, kernel: kernelHeight, stride: stride)
  }
  private var columnPhases: [Phase] {
    Self.phases(size: width, padding: left, kernel: kernelWidth, stride: stride)
  }
  private var gradientFrameCount: Int {
    let rows = Self.frame(rowPhases, size: outputHeight).size
    let columns = Self.frame(columnPhases, size: outputWidth).size
    return Partition.roundUp(batch * rows * columns * outputChannels + PadImageArguments.slack, 32)
  }

  /// Whether the operands of `inputGradientCalls` are rounded to bf16. The taps of a window row share words, so the
  /// channels must not be odd; the taps of an upsampled image's gradient are sums, which are not rounded.
  public var inputGradientRoundsOperands: Bool {
    if let product { return inputGradient(product).roundsOperands }
    return precision == .bf16 && winograd == nil && !upsamples && outputChannels % 2 == 0
      && !ConvolutionArguments.isNarrow(outputChannels: inputChannels)
  }

  private func inputGradient(_ product: ProductPlan) -> ProductPlan {
    ProductPlan(m: product.m, n: product.k, k: product.n, precision: precision)
  }

  /// Elements, or words, that the packed weights of one phase take.
  private func packedCount(taps: Int) -> Int {
    let depth = taps * outputChannels
    return PackArguments.packedCount(
      rows: inputGradientRoundsOperands ? PackArguments.pairs(depth) : depth, columns: inputChannels)
  }

  /// Bytes of workspace, aligned to 64, of `inputGradientCalls`.
  public var inputGradientWorkspaceByteCount: Int {
    if let product { return inputGradient(product).workspaceByteCount }
    if let winograd { return winograd.workspaceByteCount(depth: outputChannels, columns: inputChannels) }
    if upsamples { return blockGradientWorkspaceByteCount }
    var packed = 0
    for row in rowPhases {
      for column in columnPhases {
        packed += packedCount(taps: row.taps * column.taps) * 4
      }
    }
    return gradientFrameCount * (inputGradientRoundsOperands ? 2 : 4) + packed
  }

  /// The calls of dx = activation(gradient of the convolution with respect to the image) + residual, in order.
  public func inputGradientCalls(
    dy: FloatInput, w: FloatInput, dx: FloatOutput, activation: FusedActivation = .none, residual: FloatInput? = nil,
    workspace: UnsafeMutableRawPointer
  ) -> [MatrixCall] {
    if let product {
      return inputGradient(product).calls(
        a: dy, b: w, c: dx, activation: activation, residual: residual, workspace: workspace)
    }
    if let winograd {
      // Stride 1 with one pixel around: the convolution of dy with the taps flipped and the channels exchanged.
      return winograd.calls(
        x: dy, y: dx, depth: outputChannels, columns: inputChannels, activation: activation, residual: residual,
        sumsBlocks: upsamples, workspace: workspace,
        weights: .stored { packed in
          PackArguments(
            source: w + 8 * inputChannels, rows: outputChannels, columns: inputChannels, rowStride: window,
            columnStride: 1, groups: 3, groupStride: -inputChannels, outerGroups: 3, outerStride: -3 * inputChannels,
            packed: packed)
        })
    }
    if upsamples {
      return blockGradientCalls(dy: dy, w: w, dx: dx, activation: activation, residual: residual, workspace: workspace)
    }
    let (rows, columns) = (rowPhases, columnPhases)
    let (above, frameHeight) = Self.frame(rows, size: outputHeight)
    let (before, frameWidth) = Self.frame(columns, size: outputWidth)
    let frame = workspace.assumingMemoryBound(to: Float.self)
    let used = precision.used(rounding: inputGradientRoundsOperands)
    let size = used == .bf16 ? 2 : 4
    var packed = (workspace + gradientFrameCount * size).assumingMemoryBound(to: Float.self)
    var calls: [MatrixCall] = [
      .padImage(
        PadImageArguments(
          x: dy, frame: frame, batch: batch, height: outputHeight, width: outputWidth, channels: outputChannels,
          top: above, left: before, frameHeight: frameHeight, frameWidth: frameWidth, precision: used))
    ]
    for row in rows {
      for column in columns {
        let taps = row.taps * column.taps
        // Weights from the last tap of the phase to the first.
        let last = (row.tap + (row.taps - 1) * stride) * kernelWidth + column.tap + (column.taps - 1) * stride
        if taps > 0 {
          calls.append(
            .pack(
              PackArguments(
                source: w + last * inputChannels, rows: outputChannels, columns: inputChannels, rowStride: window,
                columnStride: 1, groups: column.taps, groupStride: -stride * inputChannels, outerGroups: row.taps,
                outerStride: -stride * kernelWidth * inputChannels,
                byColumn: ConvolutionArguments.isNarrow(outputChannels: inputChannels), precision: used, packed: packed)
            ))
        }
        let corner = taps > 0 ? ((row.origin + above) * frameWidth + column.origin + before) * outputChannels : 0
        let start = (row.start * width + column.start) * inputChannels
        var convolution = ConvolutionArguments(
          frame: (UnsafeRawPointer(frame) + corner * size).assumingMemoryBound(to: Float.self), weights: packed,
          bias: nil, activation: activation,
          residual: residual.map { $0 + start }, y: dx + start, batch: batch, frameHeight: frameHeight,
          frameWidth: frameWidth, inputChannels: outputChannels, outputChannels: inputChannels,
          kernelHeight: taps > 0 ? row.taps : 0, kernelWidth: taps > 0 ? column.taps : 0, stride: 1,
          outputHeight: row.count, outputWidth: column.count, precision: used)
        convolution.yImage = height * width * inputChannels
        convolution.yRow = stride * width * inputChannels
        convolution.yPixel = stride * inputChannels
        calls.append(.convolution(convolution))
        packed += packedCount(taps: taps)
      }
    }
    return calls
  }

  /// The product dy^T x that a weight gradient is which is computed in bf16; others stay f32.
  private var weightGradientProduct: ProductPlan? {
    guard precision == .bf16, product != nil else { return nil }
    return ProductPlan(
      m: outputChannels, n: inputChannels, k: batch * height * width, transposeA: true, precision: .bf16)
  }
  /// Whether the operands of `weightGradientCalls` are rounded to bf16.
  public var weightGradientRoundsOperands: Bool { weightGradientProduct?.roundsOperands ?? false }

  private var splits: Int {
    ConvolutionWeightGradientArguments.splits(
      batch: batch, outputHeight: outputHeight, outputWidth: outputWidth, kernelHeight: kernelHeight,
      run: kernelWidth * inputChannels, outputChannels: outputChannels)
  }
  private var isTransposed: Bool {
    ConvolutionWeightGradientArguments.isTransposed(run: kernelWidth * inputChannels, outputChannels: outputChannels)
  }
  /// Whether the image can stand for its frame: no zeros around it, no repeated pixels and no loads past a window row.
  private var isFramed: Bool {
    !isPadded && !upsamples && (isTransposed || kernelWidth * inputChannels % panelWidth == 0)
  }
  private var hasPartials: Bool { splits > 1 || isTransposed }

  /// Bytes of workspace, aligned to 64, of `weightGradientCalls`.
  public var weightGradientWorkspaceByteCount: Int {
    if let winograd { return winograd.weightGradientWorkspaceByteCount }
    if let weightGradientProduct { return weightGradientProduct.workspaceByteCount }
    return (isFramed ? 0 : frameCount * 4) + (hasPartials ? splits * outputChannels * window * 4 : 0)
  }

  /// Rows of Cout elements, in `biasSums`, that `weightGradientCalls` sums dy to while it reads it; nil where it does not.
  public var biasSumRows: Int? { winograd?.gradientUnitCount }

  /// The calls of dw = gradient of the convolution with respect to the weights, in order.
  ///
  /// - Parameter biasSums: Where partial sums of dy go, `biasSumRows` rows of Cout elements; nil for none.
  public func weightGradientCalls(
    x: FloatInput, dy: FloatInput, dw: FloatOutput, biasSums: FloatOutput? = nil, workspace: UnsafeMutableRawPointer
  ) -> [MatrixCall] {
    if let winograd {
      return winograd.weightGradientCalls(x: x, dy: dy, dw: dw, biasSums: biasSums, workspace: workspace)
    }
    if let weightGradientProduct { return weightGradientProduct.calls(a: dy, b: x, c: dw, workspace: workspace) }
    let buffer = workspace.assumingMemoryBound(to: Float.self)
    let partial = isFramed ? buffer : buffer + frameCount
    var calls: [MatrixCall] = []
    if !isFramed { calls.append(.padImage(padding(of: x, into: buffer))) }
    calls.append(
      .convolutionWeightGradient(
        ConvolutionWeightGradientArguments(
          frame: isFramed ? x : FloatInput(buffer), dy: dy, partial: hasPartials ? partial : dw, batch: batch,
          frameHeight: frameHeight, frameWidth: frameWidth, inputChannels: inputChannels,
          outputChannels: outputChannels, kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride,
          outputHeight: outputHeight, outputWidth: outputWidth, precision: precision.used(rounding: false))))
    if hasPartials {
      calls.append(
        .weightGradientSum(
          WeightGradientSumArguments(
            partial: partial, target: dw, splits: splits, outputChannels: outputChannels, window: window,
            isTransposed: isTransposed)))
    }
    return calls
  }
}
