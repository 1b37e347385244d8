import Foundation
import KernelInterface

/// Plain scalar versions of the tensor kernels: loops that follow the formulas and accumulate in Double.
///
/// A call computes all units whatever range it is given. The packed form of a codebook is private to a set, so
/// entries packed here are read here only.
public enum TensorReference: TensorKernels {
  /// f(x) in Double.
  public static func value(_ function: UnaryKernel, _ x: Double) -> Double {
    switch function {
    case .negate: -x
    case .absolute: abs(x)
    case .square: x * x
    case .sqrt: x.squareRoot()
    case .rsqrt: 1 / x.squareRoot()
    case .reciprocal: 1 / x
    case .exp: exp(x)
    case .log: log(x)
    case .relu: x > 0 ? x : 0
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: tanh(x)
    case .silu: x / (1 + exp(-x))
    case .gelu: 0.5 * x * erfc(-x * 0.5.squareRoot())
    }
  }

  /// f(x, y) in Double.
  public static func value(_ function: BinaryKernel, _ x: Double, _ y: Double) -> Double {
    switch function {
    case .add: x + y
    case .subtract: x - y
    case .multiply: x * y
    case .divide: x / y
    case .minimum: min(x, y)
    case .maximum: max(x, y)
    case .siluGradient: y * siluSlope(x)
    case .geluGradient: y * (0.5 * erfc(-x * 0.5.squareRoot()) + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot())
    case .reluGradient: x > 0 ? y : 0
    case .absoluteGradient: x > 0 ? y : (x < 0 ? -y : 0)
    }
  }

  static func siluSlope(_ x: Double) -> Double {
    let s = 1 / (1 + exp(-x))
    return s * (1 + x * (1 - s))
  }

  /// y = f(x).
  public static func unary(_ a: UnaryArguments, _ units: Range<Int>) {
    for i in 0..<a.count { a.y[i] = Float(value(a.function, Double(a.x[i]))) }
  }

  /// y = scale * x + offset.
  public static func affine(_ a: AffineArguments, _ units: Range<Int>) {
    for i in 0..<a.count { a.y[i] = Float(Double(a.scale) * Double(a.x[i]) + Double(a.offset)) }
  }

  /// z = f(x, y).
  public static func binary(_ a: BinaryArguments, _ units: Range<Int>) {
    for i in 0..<a.count { a.z[i] = Float(value(a.function, Double(a.x[i]), Double(a.y[i % a.inner]))) }
  }

  /// target = value.
  public static func fill(_ a: FillArguments, _ units: Range<Int>) {
    for i in 0..<a.count { a.target[i] = a.value }
  }

  /// Strided rows.
  public static func copyBlocks(_ a: CopyBlocksArguments, _ units: Range<Int>) {
    for row in 0..<a.rows {
      for i in 0..<a.length { a.target[row * a.targetStride + i] = a.source[row * a.sourceStride + i] }
    }
  }

  /// Five nested loops.
  public static func transpose(_ a: TransposeArguments, _ units: Range<Int>) {
    var place = 0
    for i in 0..<a.extents[0] {
      for j in 0..<a.extents[1] {
        for k in 0..<a.extents[2] {
          for l in 0..<a.extents[3] {
            for m in 0..<a.extents[4] {
              let s = a.strides
              a.target[place] = a.source[i * s[0] + j * s[1] + k * s[2] + l * s[3] + m * s[4]]
              place += 1
            }
          }
        }
      }
    }
  }

  /// Repeated rows.
  public static func broadcast(_ a: BroadcastArguments, _ units: Range<Int>) {
    for i in 0..<a.outer * a.repeats * a.inner {
      a.y[i] = a.x[i / (a.repeats * a.inner) * a.inner + i % a.inner]
    }
  }

  /// Rows into a cache.
  public static func cacheWrite(_ a: CacheWriteArguments, _ units: Range<Int>) {
    let position = min(a.capacity - 1, max(0, Int(a.position[0])))
    for row in 0..<a.batch {
      for i in 0..<a.width { a.cache[(row * a.capacity + position) * a.width + i] = a.x[row * a.width + i] }
    }
  }

  /// y_ij = x_(floor(i H / H'), floor(j W / W')).
  public static func resizeNearest(_ a: ResizeNearestArguments, _ units: Range<Int>) {
    for i in 0..<a.batch * a.target[0] * a.target[1] * a.channels {
      let (pixel, channel) = (i / a.channels, i % a.channels)
      let (line, column) = (pixel / a.target[1], pixel % a.target[1])
      let (image, row) = (line / a.target[0], line % a.target[0])
      let (y, x) = (row * a.source[0] / a.target[0], column * a.source[1] / a.target[1])
      a.y[i] = a.x[((image * a.source[0] + y) * a.source[1] + x) * a.channels + channel]
    }
  }

  /// Nearest neighbour.
  public static func upsample(_ a: UpsampleArguments, _ units: Range<Int>) {
    var place = 0
    for image in 0..<a.batch {
      for row in 0..<2 * a.height {
        for column in 0..<2 * a.width {
          for channel in 0..<a.channels {
            a.y[place] = a.x[((image * a.height + row / 2) * a.width + column / 2) * a.channels + channel]
            place += 1
          }
        }
      }
    }
  }

  /// Sums of 2 x 2 blocks.
  public static func upsampleGradient(_ a: UpsampleGradientArguments, _ units: Range<Int>) {
    for place in 0..<a.batch * a.height * a.width * a.channels {
      let (channel, pixel) = (place % a.channels, place / a.channels)
      let (column, line) = (pixel % a.width, pixel / a.width)
      var sum = 0.0
      for dy in 0..<2 {
        for dx in 0..<2 {
          sum += Double(a.dy[((2 * line + dy) * 2 * a.width + 2 * column + dx) * a.channels + channel])
        }
      }
      a.dx[place] = Float(sum)
    }
  }

  /// Sum over the middle dimension.
  public static func reduce(_ a: ReduceArguments, _ units: Range<Int>) {
    for outer in 0..<a.outer {
      for column in 0..<a.inner {
        var sum = 0.0
        for row in outer * a.rows..<max(outer * a.rows, min((outer + 1) * a.rows, a.limit)) {
          sum += Double(a.x[row * a.inner + column])
        }
        a.y[outer * a.inner + column] = Float(sum * Double(a.factor))
      }
    }
  }

  /// One sum of squares per unit.
  public static func squaredSum(_ a: SquaredSumArguments, _ units: Range<Int>) {
    for unit in 0..<a.unitCount {
      var sum = 0.0
      for i in unit * Partition.elementwise..<min(a.count, (unit + 1) * Partition.elementwise) {
        sum += Double(a.x[i]) * Double(a.x[i])
      }
      a.partial[unit] = Float(sum)
    }
  }

  /// The root of the sum.
  public static func normFinish(_ a: NormFinishArguments, _ units: Range<Int>) {
    a.norm[0] = Float((0..<a.count).reduce(0.0) { $0 + Double(a.partial[$1]) }.squareRoot())
  }
}
