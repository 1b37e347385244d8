import KernelInterface

extension Kernels {
  /// One output per unit where rows are single elements, else a block of columns.
  public static func reduce(_ a: ReduceArguments, _ units: Range<Int>) {
    let blocks = Partition.ceil(a.inner, ReduceArguments.block)
    for unit in units {
      let outer = a.inner < 16 ? unit : unit / blocks
      let rows = max(0, min(a.rows, a.limit - outer * a.rows))
      let source = a.x + outer * a.rows * a.inner
      let target = a.y + outer * a.inner
      if a.inner == 1 {
        target[0] = rowSum(source, rows) * a.factor
      } else if a.inner < 16 {
        sumNarrow(source, rows, a.inner, a.factor, target)
      } else {
        let first = unit % blocks * ReduceArguments.block
        let count = min(ReduceArguments.block, a.inner - first)
        sumColumns(source + first, rows, a.inner, count, a.factor, target + first)
      }
    }
  }

  /// Sums of up to 15 columns: `lanes` rows are `columns` whole vectors, each lane of which always meets one column.
  private static func sumNarrow(
    _ x: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ factor: Float, _ y: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 240) { partial in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 15) { sums in
        guard let partial = partial.baseAddress, let sums = sums.baseAddress else { return }
        sums.initialize(repeating: 0, count: columns)
        var row = 0
        while row + lanes <= rows {
          partial.initialize(repeating: 0, count: columns * lanes)
          let end = min(rows, row + 64 * lanes)
          while row + lanes <= end {
            for v in 0..<columns {
              store(load(partial, v * lanes) + load(x, row * columns + v * lanes), partial, v * lanes)
            }
            row += lanes
          }
          var column = 0
          for i in 0..<columns * lanes {
            sums[column] += Double(partial[i])
            column = column + 1 == columns ? 0 : column + 1
          }
        }
        while row < rows {
          for column in 0..<columns { sums[column] += Double(x[row * columns + column]) }
          row += 1
        }
        for column in 0..<columns { y[column] = Float(sums[column]) * factor }
      }
    }
  }

  /// Sums of neighbouring columns of a wide matrix.
  private static func sumColumns(
    _ x: UnsafePointer<Float>, _ rows: Int, _ stride: Int, _ columns: Int, _ factor: Float,
    _ y: UnsafeMutablePointer<Float>
  ) {
    var column = 0
    while column + 4 * lanes <= columns {
      let sums = sumRows(x + column, rows, stride)
      store(sums.0 * factor, y, column)
      store(sums.1 * factor, y, column + lanes)
      store(sums.2 * factor, y, column + 2 * lanes)
      store(sums.3 * factor, y, column + 3 * lanes)
      column += 4 * lanes
    }
    while column < columns {
      let count = min(lanes, columns - column)
      storePartial(sumPart(x + column, rows, stride, count) * factor, y + column, count)
      column += lanes
    }
  }

  /// Sums over rows of four vectors, halves first.
  private static func sumRows(_ x: UnsafePointer<Float>, _ rows: Int, _ stride: Int) -> (Vector, Vector, Vector, Vector)
  {
    if rows > 128 {
      let half = rows / 2
      let (a, b) = (sumRows(x, half, stride), sumRows(x + half * stride, rows - half, stride))
      return (a.0 + b.0, a.1 + b.1, a.2 + b.2, a.3 + b.3)
    }
    var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
    for row in 0..<rows {
      let line = x + row * stride
      s0 += load(line)
      s1 += load(line, lanes)
      s2 += load(line, 2 * lanes)
      s3 += load(line, 3 * lanes)
    }
    return (s0, s1, s2, s3)
  }

  /// Sums over rows of one vector or less, halves first.
  private static func sumPart(_ x: UnsafePointer<Float>, _ rows: Int, _ stride: Int, _ count: Int) -> Vector {
    if rows > 128 {
      let half = rows / 2
      return sumPart(x, half, stride, count) + sumPart(x + half * stride, rows - half, stride, count)
    }
    var sum = Vector()
    if count == lanes {
      for row in 0..<rows { sum += load(x, row * stride) }
    } else {
      for row in 0..<rows { sum += loadPartial(x + row * stride, count) }
    }
    return sum
  }

  /// Sums of squares by parts of 1024.
  public static func squaredSum(_ a: SquaredSumArguments, _ units: Range<Int>) {
    for unit in units {
      let end = min(a.count, (unit + 1) * Partition.elementwise)
      var sum: Float = 0
      for first in stride(from: unit * Partition.elementwise, to: end, by: 1024) {
        sum += dot(a.x + first, a.x + first, min(1024, end - first))
      }
      a.partial[unit] = sum
    }
  }

  /// The root of all partial sums.
  public static func normFinish(_ a: NormFinishArguments, _ units: Range<Int>) {
    a.norm[0] = rowSum(a.partial, a.count).squareRoot()
  }
}
