import IR
import KernelInterface
import Ops

/// Products of matrices, convolutions, attention.
extension OperationBinder {
  /// C = A B with B given by strides.
  private mutating func product(
    m: Int, n: Int, k: Int, a: FloatInput, aRow: Int, aColumn: Int, b: FloatInput, bRow: Int, bColumn: Int,
    c: FloatOutput, bias: FloatInput?, packed: FloatOutput
  ) {
    emit(
      .pack(PackArguments(source: b, rows: k, columns: n, rowStride: bRow, columnStride: bColumn, packed: packed)))
    emit(
      .gemm(
        GemmArguments(
          a: a, aRow: aRow, aColumn: aColumn, b: FloatInput(packed), c: c, cRow: n, bias: bias, m: m, n: n, k: k)))
  }

  private mutating func takePacked(rows: Int, columns: Int) -> FloatOutput {
    take(PackArguments.byteCount(rows: rows, columns: columns) / 4)
  }

  mutating func bindMatMul(_ op: MatMul) {
    let (m, n, k) = op.extents(type(0), type(1))
    let batch = type(0).count / (m * k)
    let packed = takePacked(rows: k, columns: n)
    for index in 0..<batch {
      product(
        m: m, n: n, k: k, a: input(0) + index * m * k, aRow: op.transposeA ? 1 : k, aColumn: op.transposeA ? m : 1,
        b: input(1) + index * k * n, bRow: op.transposeB ? 1 : n, bColumn: op.transposeB ? k : 1,
        c: output() + index * m * n, bias: nil, packed: packed)
    }
  }

  mutating func bindLinear() {
    let (n, k) = (shape(1)[0], shape(1)[1])
    let m = type(0).count / k
    let bias = operation.operands.count > 2 ? input(2) : nil
    if m <= SkinnyLinearArguments.maximumRows {
      emit(.skinnyLinear(SkinnyLinearArguments(x: input(0), w: input(1), bias: bias, y: output(), m: m, n: n, k: k)))
      return
    }
    product(
      m: m, n: n, k: k, a: input(0), aRow: k, aColumn: 1, b: input(1), bRow: 1, bColumn: k, c: output(), bias: bias,
      packed: takePacked(rows: k, columns: n))
  }

  /// A zero-framed copy of an image operand.
  private mutating func frame(
    _ operand: Int, top: Int, left: Int, height: Int, width: Int, dilation: Int
  ) -> FloatInput {
    let s = shape(operand)
    let frame = take(s[0] * height * width * s[3] + PadImageArguments.slack)
    emit(
      .padImage(
        PadImageArguments(
          x: input(operand), frame: frame, batch: s[0], height: s[1], width: s[2], channels: s[3], top: top, left: left,
          frameHeight: height, frameWidth: width, dilation: dilation)))
    return FloatInput(frame)
  }

  mutating func bindConvolution(_ op: Conv2D) {
    let (x, w, y) = (shape(0), shape(1), resultType().shape)
    let height = x[1] + op.padding.top + op.padding.bottom
    let width = x[2] + op.padding.left + op.padding.right
    let frame = frame(0, top: op.padding.top, left: op.padding.left, height: height, width: width, dilation: 1)
    let depth = w[1] * w[2] * w[3]
    let packed = takePacked(rows: depth, columns: w[0])
    emit(
      .pack(
        PackArguments(source: input(1), rows: depth, columns: w[0], rowStride: 1, columnStride: depth, packed: packed)))
    emit(
      .convolution(
        ConvolutionArguments(
          frame: frame, weights: FloatInput(packed), bias: operation.operands.count > 2 ? input(2) : nil, y: output(),
          batch: x[0], frameHeight: height, frameWidth: width, inputChannels: x[3], outputChannels: w[0],
          kernelHeight: w[1], kernelWidth: w[2], stride: op.stride, outputHeight: y[1], outputWidth: y[2])))
  }

  /// A convolution of stride 1 with flipped taps over dy, spread out where the forward stride was larger.
  mutating func bindConvolutionInputGradient(_ op: Conv2DInputGradient) {
    let (dy, w, dx) = (shape(0), shape(1), resultType().shape)
    let height = dx[1] + w[1] - 1
    let width = dx[2] + w[2] - 1
    let frame = frame(
      0, top: w[1] - 1 - op.padding.top, left: w[2] - 1 - op.padding.left, height: height, width: width,
      dilation: op.stride)
    let taps = w[1] * w[2]
    let packed = takePacked(rows: taps * w[0], columns: w[3])
    // Element (tap, co; ci) of the packed operand is w[co, last - tap, ci].
    emit(
      .pack(
        PackArguments(
          source: input(1) + (taps - 1) * w[3], rows: w[0], columns: w[3], rowStride: taps * w[3], columnStride: 1,
          groups: taps, groupStride: -w[3], packed: packed)))
    emit(
      .convolution(
        ConvolutionArguments(
          frame: frame, weights: FloatInput(packed), bias: nil, y: output(), batch: dy[0], frameHeight: height,
          frameWidth: width, inputChannels: w[0], outputChannels: w[3], kernelHeight: w[1], kernelWidth: w[2],
          stride: 1, outputHeight: dx[1], outputWidth: dx[2])))
  }

  mutating func bindConvolutionWeightGradient(_ op: Conv2DWeightGradient) {
    let (x, dy, w) = (shape(0), shape(1), resultType().shape)
    let height = x[1] + op.padding.top + op.padding.bottom
    let width = x[2] + op.padding.left + op.padding.right
    let frame = frame(0, top: op.padding.top, left: op.padding.left, height: height, width: width, dilation: 1)
    let splits = ConvolutionWeightGradientArguments.splits(batch: x[0])
    let size = resultType().count
    let partial = splits == 1 ? output() : take(splits * size)
    emit(
      .convolutionWeightGradient(
        ConvolutionWeightGradientArguments(
          frame: frame, dy: input(1), partial: partial, batch: x[0], frameHeight: height, frameWidth: width,
          inputChannels: x[3], outputChannels: dy[3], kernelHeight: w[1], kernelWidth: w[2], stride: op.stride,
          outputHeight: dy[1], outputWidth: dy[2], splits: splits)))
    if splits > 1 { reduce(FloatInput(partial), output(), outer: 1, rows: splits, inner: size) }
  }

  func attention(scale: Float, causal: Bool) -> AttentionArguments {
    let (q, k) = (shape(0), shape(1))
    return AttentionArguments(
      q: input(0), k: input(1), v: input(2), o: output(0), lse: output(1), batch: q[0], queries: q[1], keys: k[1],
      heads: q[2], depth: q[3], scale: scale, causal: causal)
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
