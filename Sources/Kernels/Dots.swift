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
