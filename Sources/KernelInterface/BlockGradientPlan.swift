extension ConvolutionPlan {
  // The gradient of an image that is upsampled, where it is not computed by tiles: the sum over 2 x 2 blocks of the
  // gradient of the image that windows see. Along one axis, row 2 h of the latter receives dy[2 h + top - j] w[j] for every
  // tap j, and row 2 h + 1 dy[2 h + 1 + top - j] w[j]; together dy[2 h + 1 + top - d] (w[d] + w[d - 1]) for d from 0 to the
  // number of taps. So it is a convolution of stride 2 of dy with the sums of neighbouring taps, flipped: 16 products
  // for 3 x 3 windows, instead of four times nine.

  private static func blockPhase(size: Int, padding: Int, kernel: Int) -> Phase {
    Phase(start: 0, count: size / 2, tap: 0, taps: kernel + 1, origin: padding + 1 - kernel)
  }
  private var blockRows: Phase { Self.blockPhase(size: height, padding: top, kernel: kernelHeight) }
  private var blockColumns: Phase { Self.blockPhase(size: width, padding: left, kernel: kernelWidth) }

  /// Zero rows before and all rows of a frame of dy in which all windows lie.
  private static func blockFrame(_ phase: Phase, size: Int) -> (padding: Int, size: Int) {
    let padding = max(0, -phase.origin)
    return (padding, padding + max(phase.origin + 2 * (phase.count - 1) + phase.taps, size))
  }

  private var blockFrameCount: Int {
    let rows = Self.blockFrame(blockRows, size: outputHeight).size
    let columns = Self.blockFrame(blockColumns, size: outputWidth).size
    return Partition.roundUp(batch * rows * columns * outputChannels + PadImageArguments.slack, 32)
  }
  private var blockTaps: Int { (kernelHeight + 1) * (kernelWidth + 1) }
  private var summedCount: Int { Partition.roundUp(outputChannels * blockTaps * inputChannels, 32) }

  /// Bytes of workspace, aligned to 64, of `blockGradientCalls`.
  var blockGradientWorkspaceByteCount: Int {
    let packed = PackArguments.byteCount(rows: blockTaps * outputChannels, columns: inputChannels)
    return (blockFrameCount + summedCount) * 4 + packed
  }

  /// The calls of dx = activation(gradient of the convolution with respect to the image in memory) + residual, in order.
  func blockGradientCalls(
    dy: FloatInput, w: FloatInput, dx: FloatOutput, activation: FusedActivation, residual: FloatInput?,
    workspace: UnsafeMutableRawPointer
  ) -> [MatrixCall] {
    let (rows, columns) = (blockRows, blockColumns)
    let (above, frameHeight) = Self.blockFrame(rows, size: outputHeight)
    let (before, frameWidth) = Self.blockFrame(columns, size: outputWidth)
    let frame = workspace.assumingMemoryBound(to: Float.self)
    let sums = frame + blockFrameCount
    let packed = sums + summedCount
    let corner = ((rows.origin + above) * frameWidth + columns.origin + before) * outputChannels
    return [
      .padImage(
        PadImageArguments(
          x: dy, frame: frame, batch: batch, height: outputHeight, width: outputWidth, channels: outputChannels,
          top: above, left: before, frameHeight: frameHeight, frameWidth: frameWidth)),
      .sumTaps(
        SumTapsArguments(
          weights: w, target: sums, outputChannels: outputChannels, kernelHeight: kernelHeight,
          kernelWidth: kernelWidth, inputChannels: inputChannels)),
      .pack(
        PackArguments(
          source: sums + (blockTaps - 1) * inputChannels, rows: outputChannels, columns: inputChannels,
          rowStride: blockTaps * inputChannels, columnStride: 1, groups: columns.taps, groupStride: -inputChannels,
          outerGroups: rows.taps, outerStride: -columns.taps * inputChannels,
          byColumn: ConvolutionArguments.isNarrow(outputChannels: inputChannels), packed: packed)),
      .convolution(
        ConvolutionArguments(
          frame: FloatInput(frame) + corner, weights: packed, bias: nil, activation: activation, residual: residual,
          y: dx, batch: batch, frameHeight: frameHeight, frameWidth: frameWidth, inputChannels: outputChannels,
          outputChannels: inputChannels, kernelHeight: rows.taps, kernelWidth: columns.taps, stride: 2,
          outputHeight: rows.count, outputWidth: columns.count, precision: precision.used(rounding: false))),
    ]
  }
}
