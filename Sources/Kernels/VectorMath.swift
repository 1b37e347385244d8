import CProcessor

// Elementary functions of vectors.
//
// The polynomials are weighted minimax fits. Errors against the exact value, as Tests/KernelTests measures them:
//   exponential        1 ulp; below -87.33 the result is 0 instead of a subnormal number
//   logarithm          1 ulp (2 without fused multiply-add)
//   hyperbolicTangent  2 ulp
//   sigmoid            3 ulp
//   gelu               2e-7 of max(1, |x|), with the normal tail to 1e-6 relative where x is negative
// All follow IEEE 754 for infinities and pass NaN on.
//
// Integer comparisons, `pointwiseMin`, `pointwiseMax`, `min()` and `max()` of SIMD types compile to loops over lanes;
// a float comparison with `replacing(with:where:)` is one or two instructions.

/// Adding and taking away 1.5 * 2^23 rounds a vector to whole numbers and leaves them in the low bits.
private let rounding: Float = 12_582_912

@inline(always)
func bits(_ value: Vector) -> IntVector { unsafeBitCast(value, to: IntVector.self) }

@inline(always)
func floats(_ value: IntVector) -> Vector { unsafeBitCast(value, to: Vector.self) }

/// The larger element of each lane; a where either is NaN.
@inline(always)
func maximum(_ a: Vector, _ b: Vector) -> Vector { facet_select_less(a, b, b, a) }

/// The smaller element of each lane; a where either is NaN.
@inline(always)
func minimum(_ a: Vector, _ b: Vector) -> Vector { facet_select_less(b, a, b, a) }

/// |x|.
@inline(always)
func magnitude(_ x: Vector) -> Vector { floats(bits(x) & IntVector(repeating: 0x7fff_ffff)) }

/// The magnitude of the first with the sign of the second.
@inline(always)
func copySign(_ magnitude: Vector, _ sign: Vector) -> Vector {
  floats(bits(magnitude) | (bits(sign) & IntVector(repeating: Int32(bitPattern: 0x8000_0000))))
}

/// e^x.
@inline(always)
func exponential(_ x: Vector) -> Vector {
  // x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, the first short enough for exact products.
  let shifted = multiplyAdd(x, splat(1.442_695_04), splat(rounding))
  let n = shifted - splat(rounding)
  var r = multiplyAdd(n, splat(-0.693_359_375), x)
  r = multiplyAdd(n, splat(2.121_944_4e-4), r)
  var p = multiplyAdd(splat(0.001_395_053_8), r, splat(0.008_368_918))
  p = multiplyAdd(p, r, splat(0.041_666_206))
  p = multiplyAdd(p, r, splat(0.166_665_18))
  p = multiplyAdd(p, r, splat(0.5))
  p = multiplyAdd(p, r * r, r) + splat(1)
  let scaled = floats(bits(p) &+ (bits(shifted) &<< 23))
  // Outside these bounds the exponent field overflows.
  let bounded = facet_select_less(x, splat(-87.33), Vector(), scaled)
  return facet_select_less(splat(88.722_83), x, splat(.infinity), bounded)
}

/// The natural logarithm.
@inline(always)
func logarithm(_ x: Vector) -> Vector {
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)); subnormal numbers are scaled up first.
  let subnormal = x .< splat(.leastNormalMagnitude)
  let normal = x.replacing(with: x * splat(0x1p24), where: subnormal)
  let offset = IntVector(repeating: 0x3f35_04f3)
  let shifted = bits(normal) &- offset
  let f = floats((shifted & IntVector(repeating: 0x007f_ffff)) &+ offset) - splat(1)
  var e = floats((shifted &>> 23) &+ bits(splat(rounding))) - splat(rounding)
  e = e.replacing(with: e - splat(24), where: subnormal)
  var p = multiplyAdd(splat(-0.076_344_296), f, splat(0.127_615_5))
  p = multiplyAdd(p, f, splat(-0.131_601_94))
  p = multiplyAdd(p, f, splat(0.142_017_62))
  p = multiplyAdd(p, f, splat(-0.166_233_57))
  p = multiplyAdd(p, f, splat(0.200_012_27))
  p = multiplyAdd(p, f, splat(-0.250_008_23))
  p = multiplyAdd(p, f, splat(0.333_333_31))
  p = multiplyAdd(p, f, splat(-0.5))
  p = multiplyAdd(p, f * f, e * splat(-2.121_944_4e-4)) + f
  let value = multiplyAdd(e, splat(0.693_359_375), p)
    .replacing(with: -.infinity, where: x .== splat(0))
    .replacing(with: .infinity, where: x .== splat(.infinity))
  return splat(.nan).replacing(with: value, where: x .>= splat(0))
}

/// 1 / (1 + e^-x).
@inline(always)
func sigmoid(_ x: Vector) -> Vector { facet_divide(splat(1), splat(1) + exponential(-x)) }

@inline(always)
func hyperbolicTangent(_ x: Vector) -> Vector {
  let a = magnitude(x)
  let large = splat(1) - splat(2) / (exponential(a + a) + splat(1))
  // Near zero the difference cancels.
  let square = x * x
  var p = multiplyAdd(splat(-0.005_704_978_5), square, splat(0.020_639_08))
  p = multiplyAdd(p, square, splat(-0.053_739_71))
  p = multiplyAdd(p, square, splat(0.133_314_42))
  p = multiplyAdd(p, square, splat(-0.333_332_8))
  let small = multiplyAdd(p * square, x, x)
  return facet_select_less(splat(0.625), a, copySign(large, x), small)
}

/// Phi(-a) / e^(-a^2/2) for a >= 0, where Phi is the normal distribution function: a polynomial in 1 / (1 + 0.35 a).
@inline(always)
private func tailRatio(_ a: Vector) -> Vector {
  let t = splat(1) / multiplyAdd(a, splat(0.35), splat(1))
  var p = multiplyAdd(splat(-0.029_146_073), t, splat(0.143_972_4))
  p = multiplyAdd(p, t, splat(-0.255_715_67))
  p = multiplyAdd(p, t, splat(0.159_175_77))
  p = multiplyAdd(p, t, splat(-0.023_110_922))
  p = multiplyAdd(p, t, splat(0.105_508_454))
  p = multiplyAdd(p, t, splat(0.119_832_754))
  p = multiplyAdd(p, t, splat(0.139_861_88))
  p = multiplyAdd(p, t, splat(0.139_621_41))
  return p * t
}

/// Phi(x), and e^(-x^2/2) from which it is made.
@inline(always)
private func normalDistribution(_ x: Vector) -> (cumulative: Vector, density: Vector) {
  let density = exponential(x * x * splat(-0.5))
  let tail = tailRatio(magnitude(x)) * density
  return (facet_select_less(x, Vector(), tail, splat(1) - tail), density)
}

/// x Phi(x), the form with the error function.
@inline(always)
func gelu(_ x: Vector) -> Vector { x * normalDistribution(x).cumulative }

/// d gelu / dx = Phi(x) + x phi(x).
@inline(always)
func geluSlope(_ x: Vector) -> Vector {
  let (cumulative, density) = normalDistribution(x)
  return multiplyAdd(x * splat(0.398_942_28), density, cumulative)
}

/// d silu / dx = s (1 + x (1 - s)).
@inline(always)
func siluSlope(_ x: Vector) -> Vector {
  let s = sigmoid(x)
  return s * multiplyAdd(x, splat(1) - s, splat(1))
}
