import KernelInterface

extension Kernels {
  public static func reduce(_ a: ReduceArguments, _ units: Range<Int>) {
    for unit in units {
      if a.inner == 1 {
        let rows = min(a.rows, a.limit - unit * a.rows)
        a.y[unit] = rowSum(a.x + unit * a.rows, max(0, rows)) * a.factor
      } else if a.inner < 16 {
        sumColumns(a, unit, 0, a.inner)
      } else {
        let blocks = Partition.ceil(a.inner, ReduceArguments.block)
        let first = unit % blocks * ReduceArguments.block
        sumColumns(a, unit / blocks, first, min(a.inner, first + ReduceArguments.block))
      }
    }
  }

  @inline(__always)
  private static func sumColumns(_ a: ReduceArguments, _ outer: Int, _ first: Int, _ last: Int) {
    let rows = max(0, min(a.rows, a.limit - outer * a.rows))
    let source = a.x + outer * a.rows * a.inner
    let target = a.y + outer * a.inner
    forVectors(first..<last) { column in
      var (s0, s1) = (Vector(), Vector())
      var row = 0
      while row + 2 <= rows {
        s0 += load(source, row * a.inner + column)
        s1 += load(source, (row + 1) * a.inner + column)
        row += 2
      }
      if row < rows { s0 += load(source, row * a.inner + column) }
      store((s0 + s1) * a.factor, target, column)
    } partial: { start, count in
      for column in start..<start + count {
        var sum: Float = 0
        for row in 0..<rows { sum += source[row * a.inner + column] }
        target[column] = sum * a.factor
      }
    }
  }

  public static func squaredSum(_ a: SquaredSumArguments, _ units: Range<Int>) {
    for unit in units {
      let first = unit * Partition.elementwise
      a.partial[unit] = dot(a.x + first, a.x + first, min(Partition.elementwise, a.count - first))
    }
  }

  public static func normFinish(_ a: NormFinishArguments, _ units: Range<Int>) {
    a.norm[0] = rowSum(a.partial, a.count).squareRoot()
  }
}
