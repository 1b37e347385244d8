/// Products of `count` (1 to 4) rows, `stride` apart, with one vector made of `segments` runs of `length` elements;
/// runs of rows are `rowSegment` apart, runs of the vector follow each other.
@inline(__always)
func dots(
  rows: UnsafePointer<Float>, stride: Int, _ count: Int, _ vector: UnsafePointer<Float>, length: Int,
  segments: Int = 1, rowSegment: Int = 0
) -> SIMD4<Float> {
  // Missing rows repeat the first one: no branch in the loop.
  var x0 = rows
  var x1 = count > 1 ? rows + stride : rows
  var x2 = count > 2 ? rows + 2 * stride : rows
  var x3 = count > 3 ? rows + 3 * stride : rows
  var w = vector
  var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
  var tail = SIMD4<Float>()
  for _ in 0..<segments {
    var i = 0
    while i + lanes <= length {
      let value = load(w, i)
      s0 = multiplyAdd(load(x0, i), value, s0)
      s1 = multiplyAdd(load(x1, i), value, s1)
      s2 = multiplyAdd(load(x2, i), value, s2)
      s3 = multiplyAdd(load(x3, i), value, s3)
      i += lanes
    }
    while i < length {
      tail += SIMD4(x0[i], x1[i], x2[i], x3[i]) * w[i]
      i += 1
    }
    w += length
    x0 += rowSegment
    x1 += rowSegment
    x2 += rowSegment
    x3 += rowSegment
  }
  return SIMD4(total(s0), total(s1), total(s2), total(s3)) + tail
}

/// `dots` for two vectors, the second `vectorStride` after the first: every element of the rows is read once for both.
@inline(__always)
func dotPairs(
  rows: UnsafePointer<Float>, stride: Int, _ count: Int, _ vector: UnsafePointer<Float>, vectorStride: Int, length: Int,
  segments: Int = 1, rowSegment: Int = 0
) -> (SIMD4<Float>, SIMD4<Float>) {
  var x0 = rows
  var x1 = count > 1 ? rows + stride : rows
  var x2 = count > 2 ? rows + 2 * stride : rows
  var x3 = count > 3 ? rows + 3 * stride : rows
  var v = vector
  var w = vector + vectorStride
  var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
  var (t0, t1, t2, t3) = (Vector(), Vector(), Vector(), Vector())
  var (first, second) = (SIMD4<Float>(), SIMD4<Float>())
  for _ in 0..<segments {
    var i = 0
    while i + lanes <= length {
      let (a, b) = (load(v, i), load(w, i))
      let y0 = load(x0, i)
      s0 = multiplyAdd(y0, a, s0)
      t0 = multiplyAdd(y0, b, t0)
      let y1 = load(x1, i)
      s1 = multiplyAdd(y1, a, s1)
      t1 = multiplyAdd(y1, b, t1)
      let y2 = load(x2, i)
      s2 = multiplyAdd(y2, a, s2)
      t2 = multiplyAdd(y2, b, t2)
      let y3 = load(x3, i)
      s3 = multiplyAdd(y3, a, s3)
      t3 = multiplyAdd(y3, b, t3)
      i += lanes
    }
    while i < length {
      let y = SIMD4(x0[i], x1[i], x2[i], x3[i])
      first += y * v[i]
      second += y * w[i]
      i += 1
    }
    v += length
    w += length
    x0 += rowSegment
    x1 += rowSegment
    x2 += rowSegment
    x3 += rowSegment
  }
  first += SIMD4(total(s0), total(s1), total(s2), total(s3))
  second += SIMD4(total(t0), total(t1), total(t2), total(t3))
  return (first, second)
}
