import KernelInterface

extension Kernels {
  /// Copies images into zeroed frames.
  public static func padImage(_ a: PadImageArguments, _ units: Range<Int>) {
    let rowLength = a.frameWidth * a.channels
    let shift = a.upsamples ? 1 : 0
    if a.precision == .bf16 { return padRounded(a, units) }
    for unit in units {
      let image = unit / a.frameHeight
      let row = unit % a.frameHeight - a.top
      let target = a.frame + unit * rowLength
      guard row >= 0, row < a.height else {
        target.update(repeating: 0, count: rowLength)
        continue
      }
      let (before, used) = (a.left * a.channels, a.width * a.channels)
      let source = a.x + (image * (a.height >> shift) + (row >> shift)) * (used >> shift)
      target.update(repeating: 0, count: before)
      if a.upsamples {
        repeatPixels(UnsafeRawPointer(source), a.width / 2, a.channels * 4, into: target + before)
      } else {
        (target + before).update(from: source, count: used)
      }
      (target + before + used).update(repeating: 0, count: rowLength - before - used)
    }
  }

  /// Every pixel of a row twice.
  @inline(__always)
  private static func repeatPixels(
    _ source: UnsafeRawPointer, _ count: Int, _ byteCount: Int, into target: UnsafeMutableRawPointer
  ) {
    for pixel in 0..<2 * count {
      (target + pixel * byteCount).copyMemory(from: source + pixel / 2 * byteCount, byteCount: byteCount)
    }
  }

  /// `padImage` for a frame of bf16.
  private static func padRounded(_ a: PadImageArguments, _ units: Range<Int>) {
    let rowLength = a.frameWidth * a.channels
    let frame = UnsafeMutableRawPointer(a.frame).assumingMemoryBound(to: UInt16.self)
    for unit in units {
      let image = unit / a.frameHeight
      let row = unit % a.frameHeight - a.top
      let target = frame + unit * rowLength
      if unit == a.unitCount - 1 { (target + rowLength).update(repeating: 0, count: PadImageArguments.slack) }
      guard row >= 0, row < a.height else {
        target.update(repeating: 0, count: rowLength)
        continue
      }
      let (before, used) = (a.left * a.channels, a.width * a.channels)
      target.update(repeating: 0, count: before)
      if a.upsamples {
        for pixel in 0..<a.width {
          let source = a.x + ((image * a.height / 2 + row / 2) * a.width / 2 + pixel / 2) * a.channels
          roundWhole(source, a.channels, into: target + before + pixel * a.channels)
        }
      } else {
        roundWhole(a.x + (image * a.height + row) * used, used, into: target + before)
      }
      (target + before + used).update(repeating: 0, count: rowLength - before - used)
    }
  }

  /// Rounds a row and writes nothing after it.
  @inline(__always)
  private static func roundWhole(
    _ source: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<UInt16>
  ) {
    roundRow(source, count / 2 * 2, into: target)
    if count % 2 == 1 { target[count - 1] = BrainFloat.bits(source[count - 1]) }
  }

  /// Sums of neighbouring taps; a unit is an output channel.
  public static func sumTaps(_ a: SumTapsArguments, _ units: Range<Int>) {
    let channels = a.inputChannels
    for unit in units {
      let weights = a.weights + unit * a.kernelHeight * a.kernelWidth * channels
      var target = a.target + unit * a.window
      for row in 0...a.kernelHeight {
        for column in 0...a.kernelWidth {
          target.update(repeating: 0, count: channels)
          for u in max(0, row - 1)...min(row, a.kernelHeight - 1) {
            for v in max(0, column - 1)...min(column, a.kernelWidth - 1) {
              let tap = weights + (u * a.kernelWidth + v) * channels
              for channel in 0..<channels { target[channel] += tap[channel] }
            }
          }
          target += channels
        }
      }
    }
  }

  /// Convolution of a frame with packed weights; a unit is some rows and channels of one image.
  public static func convolution(_ a: ConvolutionArguments, _ units: Range<Int>) {
    let rowBlocks = a.rowBlocks
    let width = a.blockChannels
    let channelBlocks = Partition.ceil(a.outputChannels, width)
    let frameRow = a.frameWidth * a.inputChannels
    let narrow = ConvolutionArguments.isNarrow(outputChannels: a.outputChannels)
    for unit in units {
      let (position, block) = (unit / channelBlocks, unit % channelBlocks)
      let image = position / rowBlocks
      let rows = position % rowBlocks * a.blockRows..<min(a.outputHeight, (position % rowBlocks + 1) * a.blockRows)
      let channels = block * width..<min(a.outputChannels, (block + 1) * width)
      if a.precision == .bf16 {
        let frame = UnsafeRawPointer(a.frame).assumingMemoryBound(to: UInt16.self)
        convolvePairs(a, frame + image * a.frameHeight * frameRow, image * a.yImage, rows, channels)
        continue
      }
      let frame = a.frame + image * a.frameHeight * frameRow
      if narrow {
        for row in rows {
          narrowRow(a, frame + row * a.stride * frameRow, image * a.yImage + row * a.yRow)
        }
      } else {
        convolve(a, frame, image * a.yImage, rows, channels)
      }
    }
  }

  /// Some rows and channels of one image. A panel of weights stays in the second-level cache while the rows pass.
  @inline(__always)
  private static func convolve(
    _ a: ConvolutionArguments, _ frame: UnsafePointer<Float>, _ image: Int, _ rows: Range<Int>, _ channels: Range<Int>
  ) {
    let run = a.kernelWidth * a.inputChannels
    let frameRow = a.frameWidth * a.inputChannels
    var channel = channels.lowerBound
    while channel < channels.upperBound {
      for row in rows {
        let offset = image + row * a.yRow + channel
        multiply(
          rows: a.outputWidth, columns: min(panel, channels.upperBound - channel), a: frame + row * a.stride * frameRow,
          aRow: a.stride * a.inputChannels, aColumn: 1, aSegment: frameRow,
          b: a.weights + channel * a.kernelHeight * run, bRow: panel, bSegment: run * panel, bPanel: 0,
          segments: a.kernelHeight, length: run, c: a.y + offset, cRow: a.yPixel, bias: a.bias.map { $0 + channel },
          accumulate: false, activation: a.activation, residual: a.residual.map { $0 + offset },
          precision: a.precision)
      }
      channel += panel
    }
  }

  /// `convolve` for bf16. The last word of a window row with an odd number of elements takes one that is not the
  /// window's; its weight is zero.
  @inline(__always)
  private static func convolvePairs(
    _ a: ConvolutionArguments, _ frame: UnsafePointer<UInt16>, _ image: Int, _ rows: Range<Int>, _ channels: Range<Int>
  ) {
    let pairs = PackArguments.pairs(a.kernelWidth * a.inputChannels)
    let frameRow = a.frameWidth * a.inputChannels
    var channel = channels.lowerBound
    while channel < channels.upperBound {
      for row in rows {
        let offset = image + row * a.yRow + channel
        multiplyPairs(
          rows: a.outputWidth, columns: min(panel, channels.upperBound - channel), a: frame + row * a.stride * frameRow,
          aRow: a.stride * a.inputChannels, aSegment: frameRow, b: words(a.weights) + channel * a.kernelHeight * pairs,
          bRow: panel, bSegment: pairs * panel, bPanel: 0, segments: a.kernelHeight, pairs: pairs, c: a.y + offset,
          cRow: a.yPixel, bias: a.bias.map { $0 + channel }, accumulate: false, activation: a.activation,
          residual: a.residual.map { $0 + offset })
      }
      channel += panel
    }
  }

  /// One row of a result with few channels: products along the window.
  @inline(__always)
  private static func narrowRow(_ a: ConvolutionArguments, _ frame: UnsafePointer<Float>, _ offset: Int) {
    let run = a.kernelWidth * a.inputChannels
    let window = a.kernelHeight * run
    let step = a.stride * a.inputChannels
    var pixel = 0
    while pixel < a.outputWidth {
      let count = min(4, a.outputWidth - pixel)
      var channel = 0
      while channel < a.outputChannels {
        let hasPair = channel + 1 < a.outputChannels
        var (first, second) = dotPairs(
          rows: frame + pixel * step, stride: step, count, a.weights + channel * window,
          vectorStride: hasPair ? window : 0, length: run, segments: a.kernelHeight,
          rowSegment: a.frameWidth * a.inputChannels)
        let y = a.y + offset + pixel * a.yPixel + channel
        if let bias = a.bias { first += bias[channel] }
        for i in 0..<count { y[i * a.yPixel] = first[i] }
        if hasPair {
          if let bias = a.bias { second += bias[channel + 1] }
          for i in 0..<count { y[i * a.yPixel + 1] = second[i] }
        }
        channel += 2
      }
      pixel += count
    }
    if a.activation != .none || a.residual != nil {
      applyEpilogue(
        a.y + offset, residual: a.residual.map { $0 + offset }, stride: a.yPixel, rows: a.outputWidth,
        columns: a.outputChannels, activation: a.activation)
    }
  }
}
