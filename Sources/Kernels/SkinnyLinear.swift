import KernelInterface

extension Kernels {
  /// Every element is one chain of vector sums over K and a fixed tree at the end, so a row's result does not depend on
  /// how many rows there are.
  public static func skinnyLinear(_ a: SkinnyLinearArguments, _ units: Range<Int>) {
    let block = SkinnyLinearArguments.block
    for unit in units {
      let columns = unit * block..<min(a.n, (unit + 1) * block)
      var n = columns.lowerBound
      while n < columns.upperBound {
        if a.m == 1 {
          let count = min(4, columns.upperBound - n)
          let sums = dots(rows: a.w + n * a.k, stride: a.k, count, a.x, length: a.k)
          for i in 0..<count { a.y[n + i] = sums[i] }
          n += 4
        } else {
          var m = 0
          while m < a.m {
            let count = min(4, a.m - m)
            let sums = dots(rows: a.x + m * a.k, stride: a.k, count, a.w + n * a.k, length: a.k)
            for i in 0..<count { a.y[(m + i) * a.n + n] = sums[i] }
            m += 4
          }
          n += 1
        }
      }
      for m in 0..<a.m { finish(a, a.y + m * a.n, a.residual.map { $0 + m * a.n }, columns) }
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
