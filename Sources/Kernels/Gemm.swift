import KernelInterface

extension Kernels {
  public static func pack(_ a: PackArguments, _ units: Range<Int>) {
    let depth = a.rows * a.groups
    for unit in units {
      var column = unit * panelWidth
      let end = min(a.columns, column + panelWidth)
      while column < end {
        let target = a.packed + column * depth
        let count = min(panel, a.columns - column)
        for group in 0..<a.groups {
          let source = a.source + group * a.groupStride + column * a.columnStride
          let destination = target + group * a.rows * panel
          if a.columnStride == 1 && count == panel {
            for row in 0..<a.rows {
              store(load(source, row * a.rowStride), destination, row * panel)
              store(load(source, row * a.rowStride + lanes), destination, row * panel + lanes)
            }
          } else {
            for lane in 0..<panel {
              let line = source + lane * a.columnStride
              if lane < count {
                for row in 0..<a.rows { destination[row * panel + lane] = line[row * a.rowStride] }
              } else {
                for row in 0..<a.rows { destination[row * panel + lane] = 0 }
              }
            }
          }
        }
        column += panel
      }
    }
  }

  public static func gemm(_ a: GemmArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let copy = scratch.assumingMemoryBound(to: Float.self)
    let rowBlocks = Partition.ceil(a.m, GemmArguments.blockRows)
    let width = a.blockColumns
    for unit in units {
      let row = unit % rowBlocks * GemmArguments.blockRows
      let column = unit / rowBlocks * width
      let rows = min(GemmArguments.blockRows, a.m - row)
      let columns = min(width, a.n - column)
      var k = 0
      while k < a.k {
        let depth = min(GemmArguments.blockDepth, a.k - k)
        var source = a.a + row * a.aRow + k * a.aColumn
        var stride = a.aRow
        if a.aColumn == 1 && a.aRow % 256 == 0 && columns > panel {
          // Rows a multiple of 1 KiB apart would fall into the same few cache sets.
          stride = GemmArguments.blockDepth + 16
          for i in 0..<rows { (copy + i * stride).update(from: source + i * a.aRow, count: depth) }
          source = UnsafePointer(copy)
        }
        multiply(
          rows: rows, columns: columns, a: source, aRow: stride, aColumn: a.aColumn, b: a.b + column * a.k + k * panel,
          bRow: panel, bPanel: a.k * panel, length: depth, c: a.c + row * a.cRow + column, cRow: a.cRow,
          bias: a.bias.map { $0 + column }, accumulate: k > 0)
        k += depth
      }
    }
  }

  public static func skinnyLinear(_ a: SkinnyLinearArguments, _ units: Range<Int>) {
    let block = SkinnyLinearArguments.block
    for unit in units {
      for n in unit * block..<min(a.n, (unit + 1) * block) {
        let w = a.w + n * a.k
        var m = 0
        while m < a.m {
          // Two rows of x share each load of W.
          let pair = m + 1 < a.m
          let (first, second) = dotPair(a.x + m * a.k, a.x + (pair ? m + 1 : m) * a.k, w, a.k)
          let bias = a.bias.map { $0[n] } ?? 0
          a.y[m * a.n + n] = first + bias
          if pair { a.y[(m + 1) * a.n + n] = second + bias }
          m += 2
        }
      }
    }
  }

  @inline(__always)
  private static func dotPair(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ count: Int
  ) -> (Float, Float) {
    var (x0, x1, x2, x3) = (Vector(), Vector(), Vector(), Vector())
    var (y0, y1, y2, y3) = (Vector(), Vector(), Vector(), Vector())
    var i = 0
    while i + 4 * lanes <= count {
      let (w0, w1) = (load(w, i), load(w, i + lanes))
      let (w2, w3) = (load(w, i + 2 * lanes), load(w, i + 3 * lanes))
      x0 = multiplyAdd(load(x, i), w0, x0)
      y0 = multiplyAdd(load(y, i), w0, y0)
      x1 = multiplyAdd(load(x, i + lanes), w1, x1)
      y1 = multiplyAdd(load(y, i + lanes), w1, y1)
      x2 = multiplyAdd(load(x, i + 2 * lanes), w2, x2)
      y2 = multiplyAdd(load(y, i + 2 * lanes), w2, y2)
      x3 = multiplyAdd(load(x, i + 3 * lanes), w3, x3)
      y3 = multiplyAdd(load(y, i + 3 * lanes), w3, y3)
      i += 4 * lanes
    }
    while i + lanes <= count {
      let w0 = load(w, i)
      x0 = multiplyAdd(load(x, i), w0, x0)
      y0 = multiplyAdd(load(y, i), w0, y0)
      i += lanes
    }
    var first = total((x0 + x1) + (x2 + x3))
    var second = total((y0 + y1) + (y2 + y3))
    while i < count {
      first += x[i] * w[i]
      second += y[i] * w[i]
      i += 1
    }
    return (first, second)
  }
}
