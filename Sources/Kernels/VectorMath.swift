// Elementary functions of vectors. Errors are against the exact value: exp and log within 2 ulp, erf within 3e-7
// absolute (Abramowitz and Stegun 7.1.26), tanh and sigmoid within 4 ulp of their formula.

/// Adding and taking away 1.5 * 2^23 rounds a vector to whole numbers and leaves them in the low bits.
private let rounding: Float = 12_582_912

@inline(__always)
func bits(_ value: Vector) -> IntVector { unsafeBitCast(value, to: IntVector.self) }

@inline(__always)
func floats(_ value: IntVector) -> Vector { unsafeBitCast(value, to: Vector.self) }

/// e^x; 0 below -87.3, infinity is not reached (the argument is held at 88.7); NaN stays NaN.
@inline(__always)
func exponential(_ x: Vector) -> Vector {
  let held = pointwiseMin(pointwiseMax(x, splat(-87.3)), splat(88.7))
  let shifted = multiplyAdd(held, splat(1.442_695_04), splat(rounding))
  let n = shifted - splat(rounding)
  var r = multiplyAdd(n, splat(-0.693_359_375), held)
  r = multiplyAdd(n, splat(2.121_944_4e-4), r)
  var p = multiplyAdd(splat(1 / 5040), r, splat(1 / 720))
  p = multiplyAdd(p, r, splat(1 / 120))
  p = multiplyAdd(p, r, splat(1 / 24))
  p = multiplyAdd(p, r, splat(1 / 6))
  p = multiplyAdd(p, r, splat(0.5))
  p = multiplyAdd(p, r, splat(1))
  p = multiplyAdd(p, r, splat(1))
  let exponent = (bits(shifted) &- IntVector(repeating: Int32(bitPattern: rounding.bitPattern))) &<< 23
  let scaled = floats(bits(p) &+ exponent)
  return scaled.replacing(with: Vector(), where: x .< splat(-87.3)).replacing(with: x, where: x .!= x)
}

/// The natural logarithm of positive normal numbers.
@inline(__always)
func logarithm(_ x: Vector) -> Vector {
  // Splits x = m * 2^e with m in [sqrt(1/2), sqrt(2)).
  let offset = IntVector(repeating: 0x3f35_04f3)
  let shifted = bits(x) &- offset
  let exponent = shifted &>> 23
  let m = floats((shifted & IntVector(repeating: 0x007f_ffff)) &+ offset)
  let e = floats(exponent &+ IntVector(repeating: Int32(bitPattern: rounding.bitPattern))) - splat(rounding)
  let f = m - splat(1)
  let s = f / (splat(2) + f)
  let z = s * s
  var p = multiplyAdd(splat(2.0 / 9), z, splat(2.0 / 7))
  p = multiplyAdd(p, z, splat(2.0 / 5))
  p = multiplyAdd(p, z, splat(2.0 / 3))
  p = multiplyAdd(p * z, s, s + s)
  return multiplyAdd(e, splat(0.693_359_375), multiplyAdd(e, splat(-2.121_944_4e-4), p))
}

/// The error function.
@inline(__always)
func errorFunction(_ x: Vector) -> Vector {
  let magnitude = pointwiseMax(x, -x)
  let t = splat(1) / multiplyAdd(splat(0.327_591_1), magnitude, splat(1))
  var p = multiplyAdd(splat(1.061_405_429), t, splat(-1.453_152_027))
  p = multiplyAdd(p, t, splat(1.421_413_741))
  p = multiplyAdd(p, t, splat(-0.284_496_736))
  p = multiplyAdd(p, t, splat(0.254_829_592))
  let y = splat(1) - p * t * exponential(-(magnitude * magnitude))
  return y.replacing(with: -y, where: x .< splat(0))
}

@inline(__always)
func sigmoid(_ x: Vector) -> Vector { splat(1) / (splat(1) + exponential(-x)) }

@inline(__always)
func hyperbolicTangent(_ x: Vector) -> Vector {
  let magnitude = pointwiseMax(x, -x)
  let e = exponential(magnitude * -2)
  // Near zero the quotient cancels; the series is exact there.
  let square = x * x
  let small = multiplyAdd(multiplyAdd(splat(2.0 / 15), square, splat(-1.0 / 3)) * square, x, x)
  let large = (splat(1) - e) / (splat(1) + e)
  return large.replacing(with: -large, where: x .< splat(0)).replacing(with: small, where: magnitude .< splat(0.05))
}

@inline(__always)
func gelu(_ x: Vector) -> Vector {
  x * splat(0.5) * (splat(1) + errorFunction(x * splat(0.707_106_78)))
}

/// d gelu / dx = Phi(x) + x phi(x).
@inline(__always)
func geluSlope(_ x: Vector) -> Vector {
  let cumulative = splat(0.5) * (splat(1) + errorFunction(x * splat(0.707_106_78)))
  let density = splat(0.398_942_28) * exponential(x * x * splat(-0.5))
  return multiplyAdd(x, density, cumulative)
}

/// d silu / dx = s (1 + x (1 - s)).
@inline(__always)
func siluSlope(_ x: Vector) -> Vector {
  let s = sigmoid(x)
  return s * multiplyAdd(x, splat(1) - s, splat(1))
}
