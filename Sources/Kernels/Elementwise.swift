// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func unary(_ a: UnaryArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    let (x, y) = (a.x, a.y)
    @inline(always)
    func map(_ f: (Vector) -> Vector) {
      forVectors(range) {
        store(f(load(x, $0)), y, $0)
      } partial: {
        storePartial(f(loadPartial(x + $0, $1)), y + $0, $1)
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
    @inline(always)
    func map(_ f: (Vector, Vector) -> Vector) {
      if a.inner == a.count {
        combine(range, a.y, a, f)
      } else if a.inner == 1 {
        let y = splat(a.y[0])
        forVectors(range) {
          store(f(load(a.x, $0), y), a.z, $0)
        } partial: {
          storePartial(f(loadPartial(a.x + $0, $1), y), a.z + $0, $1)
        }
      } else {
        var start = range.lowerBound
        while start < range.upperBound {
          let inside = start % a.inner
          let end = min(range.upperBound, start + a.inner - inside)
          combine(start..<end, a.y + inside - start, a, f)
          start = end
        }
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

  @inline(always)
  private static func combine(
    _ range: Range<Int>, _ y: UnsafePointer<Float>, _ a: BinaryArguments, _ f: (Vector, Vector) -> Vector
  ) {
    forVectors(range) {
      store(f(load(a.x, $0), load(y, $0)), a.z, $0)
    } partial: {
      storePartial(f(loadPartial(a.x + $0, $1), loadPartial(y + $0, $1)), a.z + $0, $1)
    }
  }

  public static func fill(_ a: FillArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    (a.target + range.lowerBound).update(repeating: a.value, count: range.count)
  }
}
