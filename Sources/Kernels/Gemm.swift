import KernelInterface

extension Kernels {
  /// Products with packed matrices; a unit is a block of C.
  public static func gemm(_ a: GemmArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let copy = scratch.assumingMemoryBound(to: Float.self)
    let rowBlocks = a.rowBlocks
    let width = a.blockColumns
    let blocks = rowBlocks * Partition.ceil(a.n, width)
    let packedSize = PackArguments.packedCount(rows: a.k, columns: a.n)
    if a.precision == .bf16 { return pairedGemm(a, units, scratch) }
    for unit in units {
      let (matrix, block) = (unit / blocks, unit % blocks)
      let row = block % rowBlocks * GemmArguments.blockRows
      let column = block / rowBlocks * width
      let rows = min(GemmArguments.blockRows, a.m - row)
      let columns = min(width, a.n - column)
      let b = a.b + matrix * packedSize + column * a.k
      let offset = matrix * a.cBatch + row * a.cRow + column
      var k = 0
      repeat {
        let depth = min(GemmArguments.blockDepth, a.k - k)
        var source = a.a + matrix * a.aBatch + row * a.aRow + k * a.aColumn
        var stride = a.aRow
        if a.aColumn == 1 && a.aRow % 256 == 0 && columns > panel {
          // Rows a multiple of 1 KiB apart would fall into the same few cache sets.
          stride = GemmArguments.blockDepth + 16
          for i in 0..<rows { (copy + i * stride).update(from: source + i * a.aRow, count: depth) }
          source = UnsafePointer(copy)
        }
        let isLast = k + depth >= a.k
        multiply(
          rows: rows, columns: columns, a: source, aRow: stride, aColumn: a.aColumn, b: b + k * panel,
          bRow: panel, bPanel: a.k * panel, length: depth, c: a.c + offset, cRow: a.cRow,
          bias: a.bias.map { $0 + column }, accumulate: k > 0, activation: isLast ? a.activation : .none,
          residual: isLast ? a.residual.map { $0 + offset } : nil, precision: a.precision,
          sumLength: GemmArguments.blockDepth)
        k += depth
      } while k < a.k
    }
  }
}
