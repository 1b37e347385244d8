// The one-dimensional transforms of F(4, 3) for the points 0, a, -a, b, -b and infinity.
//
// With a = 5/8 and b = 3/2 the rounding error of a convolution is five times that of direct summation, half of what the
// usual points 1 and 2 give, and the constants of the image's transform are exact. Two-dimensional transforms apply these
// to columns, then to rows.

private let a: Float = 0.625
private let b: Float = 1.5
private let a2: Float = 0.390625
private let b2: Float = 2.25
private let a3: Float = 0.244_140_625
private let b3: Float = 3.375
/// 1 / product of the distances of a point from the other points.
private let weightAt0: Float = 1.137_777_777_777_777_8  // 1 / (a^2 b^2)
private let weightAtA: Float = -0.688_403_361_344_537_8  // 1 / (2 a^2 (a^2 - b^2))
private let weightAtB: Float = 0.119_514_472_455_648_93  // 1 / (2 b^2 (b^2 - a^2))

/// Six values at the points.
typealias AtPoints = (Vector, Vector, Vector, Vector, Vector, Vector)

/// Six pixels of an image to the points: B^T d.
@inline(__always)
func imageToPoints(
  _ d0: Vector, _ d1: Vector, _ d2: Vector, _ d3: Vector, _ d4: Vector, _ d5: Vector
) -> AtPoints {
  let first = multiplyAdd(d0, splat(a2 * b2), multiplyAdd(d2, splat(-(a2 + b2)), d4))
  let last = multiplyAdd(d1, splat(a2 * b2), multiplyAdd(d3, splat(-(a2 + b2)), d5))
  let evenA = multiplyAdd(d2, splat(-b2), d4)
  let oddA = multiplyAdd(d1, splat(-b2), d3) * splat(a)
  let evenB = multiplyAdd(d2, splat(-a2), d4)
  let oddB = multiplyAdd(d1, splat(-a2), d3) * splat(b)
  return (first, evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, last)
}

/// Products at the points to four pixels of the result: A^T m.
@inline(__always)
func pointsToResult(
  _ m0: Vector, _ m1: Vector, _ m2: Vector, _ m3: Vector, _ m4: Vector, _ m5: Vector
) -> (Vector, Vector, Vector, Vector) {
  let (evenA, oddA) = (m1 + m2, m1 - m2)
  let (evenB, oddB) = (m3 + m4, m3 - m4)
  return (
    m0 + evenA + evenB,
    multiplyAdd(oddA, splat(a), oddB * splat(b)),
    multiplyAdd(evenA, splat(a2), evenB * splat(b2)),
    multiplyAdd(oddA, splat(a3), multiplyAdd(oddB, splat(b3), m5))
  )
}

/// `pointsToResult` of six vectors in memory, `step` elements apart.
@inline(__always)
func pointsToResult(_ m: UnsafePointer<Float>, step: Int) -> (Vector, Vector, Vector, Vector) {
  pointsToResult(load(m), load(m, step), load(m, 2 * step), load(m, 3 * step), load(m, 4 * step), load(m, 5 * step))
}

/// Four pixels of the gradient of a result to the points: A dy, the adjoint of `pointsToResult`.
@inline(__always)
func resultToPoints(_ y0: Vector, _ y1: Vector, _ y2: Vector, _ y3: Vector) -> AtPoints {
  let evenA = multiplyAdd(y2, splat(a2), y0)
  let oddA = multiplyAdd(y3, splat(a3), y1 * splat(a))
  let evenB = multiplyAdd(y2, splat(b2), y0)
  let oddB = multiplyAdd(y3, splat(b3), y1 * splat(b))
  return (y0, evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, y3)
}

/// Three weights to the points: G g.
@inline(__always)
func weightsToPoints(_ g0: Vector, _ g1: Vector, _ g2: Vector) -> AtPoints {
  let evenA = multiplyAdd(g2, splat(a2), g0) * splat(weightAtA)
  let oddA = g1 * splat(a * weightAtA)
  let evenB = multiplyAdd(g2, splat(b2), g0) * splat(weightAtB)
  let oddB = g1 * splat(b * weightAtB)
  return (g0 * splat(weightAt0), evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, g2)
}

/// The gradient at the points to three weights: G^T u, the adjoint of `weightsToPoints`.
@inline(__always)
func pointsToWeights(
  _ u0: Vector, _ u1: Vector, _ u2: Vector, _ u3: Vector, _ u4: Vector, _ u5: Vector
) -> (Vector, Vector, Vector) {
  let (evenA, oddA) = ((u1 + u2) * splat(weightAtA), u1 - u2)
  let (evenB, oddB) = ((u3 + u4) * splat(weightAtB), u3 - u4)
  return (
    multiplyAdd(u0, splat(weightAt0), evenA + evenB),
    multiplyAdd(oddA, splat(a * weightAtA), oddB * splat(b * weightAtB)),
    multiplyAdd(evenA, splat(a2), multiplyAdd(evenB, splat(b2), u5))
  )
}
