import KernelInterface

extension Kernels {
  /// Every element is one chain of vector sums over K and a fixed tree at the end, so a row's result does not depend on
  /// how many rows there are.
  public static func skinnyLinear(_ a: SkinnyLinearArguments, _ units: Range<Int>) {
    let block = SkinnyLinearArguments.block
    for unit in units {
      let columns = unit * block..<min(a.n, (unit + 1) * block)
      if a.m == 1 {
        var n = columns.lowerBound
        while n < columns.upperBound {
          let count = min(4, columns.upperBound - n)
          let sums = dots(rows: a.w + n * a.k, stride: a.k, count, a.x, length: a.k)
          for i in 0..<count { a.y[n + i] = sums[i] }
          n += 4
        }
      } else {
        // Four rows of x stay in the first-level cache while the unit's rows of W, after the first time from the
        // second-level cache, pass.
        var m = 0
        while m < a.m {
          fourRows(a, m, min(4, a.m - m), columns)
          m += 4
        }
      }
      for m in 0..<a.m { finish(a, a.y + m * a.n, a.residual.map { $0 + m * a.n }, columns) }
    }
  }

  @inline(__always)
  private static func fourRows(_ a: SkinnyLinearArguments, _ m: Int, _ count: Int, _ columns: Range<Int>) {
    var n = columns.lowerBound
    while n < columns.upperBound {
      let hasPair = n + 1 < columns.upperBound
      let (first, second) = dotPairs(
        rows: a.x + m * a.k, stride: a.k, count, a.w + n * a.k, vectorStride: hasPair ? a.k : 0, length: a.k)
      let y = a.y + m * a.n + n
      for i in 0..<count { y[i * a.n] = first[i] }
      if hasPair {
        for i in 0..<count { y[i * a.n + 1] = second[i] }
      }
      n += 2
    }
  }

  @inline(__always)
  private static func finish(
    _ a: SkinnyLinearArguments, _ y: UnsafeMutablePointer<Float>, _ residual: UnsafePointer<Float>?,
    _ columns: Range<Int>
  ) {
    if let bias = a.bias {
      for n in columns { y[n] += bias[n] }
    }
    if a.activation != .none || residual != nil {
      applyEpilogue(
        y + columns.lowerBound, residual: residual.map { $0 + columns.lowerBound }, stride: a.n, rows: 1,
        columns: columns.count, activation: a.activation)
    }
  }
}
