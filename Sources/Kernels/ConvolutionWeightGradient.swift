import KernelInterface

extension Kernels {
  /// Partial weight gradients; a unit is a share of the rows of dy, a window row and a block of columns.
  public static func convolutionWeightGradient(_ a: ConvolutionWeightGradientArguments, _ units: Range<Int>) {
    let blocks = a.columnBlocks
    let width = ConvolutionWeightGradientArguments.blockColumns
    for unit in units {
      let (position, block) = (unit / blocks, unit % blocks)
      let (split, ky) = (position / a.kernelHeight, position % a.kernelHeight)
      let columns = block * width..<min(a.isTransposed ? a.outputChannels : a.run, (block + 1) * width)
      let chunks = a.rowChunks * split / a.splits..<a.rowChunks * (split + 1) / a.splits
      for chunk in chunks { addChunk(a, chunk, split, ky, columns, accumulate: chunk > chunks.lowerBound) }
    }
  }

  /// Adds dy^T x over one chunk of rows of dy to one window row and some columns of a partial gradient.
  @inline(__always)
  private static func addChunk(
    _ a: ConvolutionWeightGradientArguments, _ chunk: Int, _ split: Int, _ ky: Int, _ columns: Range<Int>,
    accumulate: Bool
  ) {
    let frameRow = a.frameWidth * a.inputChannels
    let dyRow = a.outputWidth * a.outputChannels
    let chunksPerImage = a.rowChunks / a.batch
    let (image, first) = (chunk / chunksPerImage, chunk % chunksPerImage * a.chunkRows)
    let rows = min(a.chunkRows, a.outputHeight - first)
    let dy = a.dy + (image * a.outputHeight + first) * dyRow
    let x = a.frame + (image * a.frameHeight + first * a.stride + ky) * frameRow
    let partial = a.partial + split * a.count
    let column = columns.lowerBound
    if a.isTransposed {
      multiply(
        rows: a.run, columns: columns.count, a: x, aRow: 1, aColumn: a.stride * a.inputChannels,
        aSegment: a.stride * frameRow, b: dy + column, bRow: a.outputChannels, bSegment: dyRow, bPanel: panel,
        segments: rows, length: a.outputWidth, c: partial + ky * a.run * a.outputChannels + column,
        cRow: a.outputChannels, accumulate: accumulate, precision: a.precision)
    } else {
      multiply(
        rows: a.outputChannels, columns: columns.count, a: dy, aRow: 1, aColumn: a.outputChannels, aSegment: dyRow,
        b: x + column, bRow: a.stride * a.inputChannels, bSegment: a.stride * frameRow, bPanel: panel, segments: rows,
        length: a.outputWidth, c: partial + ky * a.run + column, cRow: a.kernelHeight * a.run, accumulate: accumulate,
        precision: a.precision)
    }
  }

  /// Sums partial weight gradients in the order of the shares.
  public static func weightGradientSum(_ a: WeightGradientSumArguments, _ units: Range<Int>) {
    let size = a.outputChannels * a.window
    for unit in units {
      let channels = unit * a.blockChannels..<min(a.outputChannels, (unit + 1) * a.blockChannels)
      if a.isTransposed {
        for channel in channels {
          for i in 0..<a.window {
            var sum = a.partial[i * a.outputChannels + channel]
            for split in 1..<max(1, a.splits) { sum += a.partial[split * size + i * a.outputChannels + channel] }
            a.target[channel * a.window + i] = sum
          }
        }
      } else {
        let range = channels.lowerBound * a.window..<channels.upperBound * a.window
        forVectors(range) { i in
          var sum = load(a.partial, i)
          for split in 1..<max(1, a.splits) { sum += load(a.partial, split * size + i) }
          store(sum, a.target, i)
        } partial: { i, count in
          for j in i..<i + count {
            var sum = a.partial[j]
            for split in 1..<max(1, a.splits) { sum += a.partial[split * size + j] }
            a.target[j] = sum
          }
        }
      }
    }
  }
}
