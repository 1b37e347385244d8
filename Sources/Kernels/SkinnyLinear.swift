import KernelInterface

extension Kernels {
  /// Every element is one chain of vector sums over K and a fixed tree at the end, so a row's result does not depend on
  /// how many rows there are.
  ///
  /// Four rows of W at a time: as many streams as it takes to keep the memory busy across the ends of rows. They stay in
  /// the first-level cache while the rows of x pass in pairs, so memory is read once whatever the number of rows.
  public static func skinnyLinear(_ a: SkinnyLinearArguments, _ units: Range<Int>) {
    let block = SkinnyLinearArguments.block
    for unit in units {
      let columns = unit * block..<min(a.n, (unit + 1) * block)
      var n = columns.lowerBound
      while n < columns.upperBound {
        let count = min(4, columns.upperBound - n)
        let weights = a.w + n * a.k
        var m = 0
        while m + 2 <= a.m {
          let (first, second) = dotPairs(
            rows: weights, stride: a.k, count, a.x + m * a.k, vectorStride: a.k, length: a.k)
          let y = a.y + m * a.n + n
          for i in 0..<count { y[i] = first[i] }
          for i in 0..<count { y[a.n + i] = second[i] }
          m += 2
        }
        if m < a.m {
          let sums = dots(rows: weights, stride: a.k, count, a.x + m * a.k, length: a.k)
          for i in 0..<count { a.y[m * a.n + n + i] = sums[i] }
        }
        n += 4
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
