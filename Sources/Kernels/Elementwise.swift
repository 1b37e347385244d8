// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func unary(_ a: UnaryArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    // `f` stands in one place, or it would not be inlined but called for every vector.
    @inline(always)
    func map(_ f: (Vector) -> Vector) {
      var i = range.lowerBound
      while i < range.upperBound {
        let count = range.upperBound - i
        let value = f(count >= lanes ? load(a.x, i) : loadPartial(a.x + i, count))
        if count >= lanes { store(value, a.y, i) } else { storePartial(value, a.y + i, count) }
        i += lanes
      }
    }
    switch a.function {
    case .negate: map { -$0 }
    case .absolute: map { magnitude($0) }
    case .square: map { $0 * $0 }
    case .sqrt: map { $0.squareRoot() }
    case .rsqrt: map { splat(1) / $0.squareRoot() }
    case .reciprocal: map { splat(1) / $0 }
    case .exp: map { exponential($0) }
    case .log: map { logarithm($0) }
    case .relu: map { maximum($0, Vector()) }
    case .sigmoid: map { sigmoid($0) }
    case .tanh: map { hyperbolicTangent($0) }
    case .silu: map { $0 * sigmoid($0) }
    case .gelu: map { gelu($0) }
    }
  }

  public static func affine(_ a: AffineArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    let (scale, offset) = (splat(a.scale), splat(a.offset))
    forVectors(range) {
      store(multiplyAdd(load(a.x, $0), scale, offset), a.y, $0)
    } partial: {
      storePartial(multiplyAdd(loadPartial(a.x + $0, $1), scale, offset), a.y + $0, $1)
    }
  }

  public static func binary(_ a: BinaryArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    let scalar = splat(a.y[0])
    let isScalar = a.inner == 1
    // As for unary functions, `f` stands in one place.
    @inline(always)
    func map(_ f: (Vector, Vector) -> Vector) {
      var start = range.lowerBound
      while start < range.upperBound {
        // A run that ends where y begins again.
        let inside = isScalar ? 0 : start % a.inner
        let end = isScalar ? range.upperBound : min(range.upperBound, start + a.inner - inside)
        let y = a.y + (isScalar ? 0 : inside - start)
        var i = start
        while i < end {
          let count = end - i
          let isWhole = count >= lanes
          let second = isScalar ? scalar : isWhole ? load(y, i) : loadPartial(y + i, count)
          let value = f(isWhole ? load(a.x, i) : loadPartial(a.x + i, count), second)
          if isWhole { store(value, a.z, i) } else { storePartial(value, a.z + i, count) }
          i += lanes
        }
        start = end
      }
    }
    switch a.function {
    case .add: map { $0 + $1 }
    case .subtract: map { $0 - $1 }
    case .multiply: map { $0 * $1 }
    case .divide: map { $0 / $1 }
    // The second operand's NaN must not be lost.
    case .minimum: map { minimum($0, $1).replacing(with: $1, where: $1 .!= $1) }
    case .maximum: map { maximum($0, $1).replacing(with: $1, where: $1 .!= $1) }
    case .siluGradient: map { siluSlope($0) * $1 }
    case .geluGradient: map { geluSlope($0) * $1 }
    case .reluGradient: map { $1.replacing(with: 0, where: $0 .<= Vector()) }
    case .absoluteGradient:
      map { $1.replacing(with: -$1, where: $0 .< Vector()).replacing(with: 0, where: $0 .== Vector()) }
    }
  }

  public static func fill(_ a: FillArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    (a.target + range.lowerBound).update(repeating: a.value, count: range.count)
  }
}
