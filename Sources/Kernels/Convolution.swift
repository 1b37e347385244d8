import KernelInterface

extension Kernels {
  public static func padImage(_ a: PadImageArguments, _ units: Range<Int>) {
    let rowLength = a.frameWidth * a.channels
    for unit in units {
      let image = unit / a.frameHeight
      let frameRow = unit % a.frameHeight - a.top
      let target = a.frame + unit * rowLength
      guard frameRow >= 0, frameRow % a.dilation == 0, frameRow / a.dilation < a.height else {
        target.update(repeating: 0, count: rowLength)
        continue
      }
      let source = a.x + (image * a.height + frameRow / a.dilation) * a.width * a.channels
      if a.dilation == 1 {
        let used = (a.left + a.width) * a.channels
        target.update(repeating: 0, count: a.left * a.channels)
        (target + a.left * a.channels).update(from: source, count: a.width * a.channels)
        (target + used).update(repeating: 0, count: rowLength - used)
      } else {
        target.update(repeating: 0, count: rowLength)
        for column in 0..<a.width {
          (target + (a.left + column * a.dilation) * a.channels).update(
            from: source + column * a.channels, count: a.channels)
        }
      }
    }
  }

  public static func convolution(_ a: ConvolutionArguments, _ units: Range<Int>) {
    let blocks = Partition.ceil(a.outputHeight, a.blockRows)
    let run = a.kernelWidth * a.inputChannels
    let depth = a.kernelHeight * run
    let frameRow = a.frameWidth * a.inputChannels
    for unit in units {
      let image = unit / blocks
      let first = unit % blocks * a.blockRows
      let last = min(a.outputHeight, first + a.blockRows)
      var column = 0
      // A panel of weights stays in the second-level cache while the rows of the unit pass.
      while column < a.outputChannels {
        for row in first..<last {
          multiply(
            rows: a.outputWidth, columns: min(panel, a.outputChannels - column),
            a: a.frame + (image * a.frameHeight + row * a.stride) * frameRow, aRow: a.stride * a.inputChannels,
            aColumn: 1, aSegment: frameRow, b: a.weights + column * depth, bRow: panel, bSegment: run * panel,
            bPanel: 0, segments: a.kernelHeight, length: run,
            c: a.y + (image * a.outputHeight + row) * a.outputWidth * a.outputChannels + column,
            cRow: a.outputChannels, bias: a.bias.map { $0 + column }, accumulate: false)
        }
        column += panel
      }
    }
  }

  public static func convolutionWeightGradient(_ a: ConvolutionWeightGradientArguments, _ units: Range<Int>) {
    let taps = a.kernelHeight * a.kernelWidth
    let size = a.outputChannels * taps * a.inputChannels
    let frameRow = a.frameWidth * a.inputChannels
    // Rows of a chunk: its slices of dy and of the frame stay in the second-level cache.
    let chunk = max(1, min(a.outputHeight, 512 / a.outputWidth))
    for unit in units {
      let (split, tap) = (unit / taps, unit % taps)
      let (ky, kx) = (tap / a.kernelWidth, tap % a.kernelWidth)
      let images = a.batch * split / a.splits..<a.batch * (split + 1) / a.splits
      let target = a.partial + split * size + tap * a.inputChannels
      for image in images {
        var row = 0
        while row < a.outputHeight {
          let rows = min(chunk, a.outputHeight - row)
          let dy = a.dy + (image * a.outputHeight + row) * a.outputWidth * a.outputChannels
          let x = a.frame + (image * a.frameHeight + row * a.stride + ky) * frameRow + kx * a.inputChannels
          multiply(
            rows: a.outputChannels, columns: a.inputChannels, a: dy, aRow: 1, aColumn: a.outputChannels,
            aSegment: a.outputWidth * a.outputChannels, b: x, bRow: a.stride * a.inputChannels,
            bSegment: a.stride * frameRow, bPanel: panel, segments: rows, length: a.outputWidth, c: target,
            cRow: taps * a.inputChannels, accumulate: !(image == images.lowerBound && row == 0))
          row += rows
        }
      }
    }
  }
}
