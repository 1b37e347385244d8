// Reductions over one row, with several accumulators and a fixed final tree.

@inline(always)
func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Float {
  var (s0, s1) = (Vector(), Vector())
  var i = 0
  while i + 2 * lanes <= count {
    s0 = multiplyAdd(load(x, i), load(y, i), s0)
    s1 = multiplyAdd(load(x, i + lanes), load(y, i + lanes), s1)
    i += 2 * lanes
  }
  if i + lanes <= count {
    s0 = multiplyAdd(load(x, i), load(y, i), s0)
    i += lanes
  }
  var sum = total(s0 + s1)
  while i < count {
    sum = multiplyAdd(x[i], y[i], sum)
    i += 1
  }
  return sum
}

/// Sum of consecutive vectors, halves first: rounding errors grow with the logarithm of the count.
private func sumVectors(_ x: UnsafePointer<Float>, _ count: Int) -> Vector {
  if count > 128 {
    let half = count / 2
    return sumVectors(x, half) + sumVectors(x + half * lanes, count - half)
  }
  var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
  var i = 0
  while i + 4 <= count {
    s0 += load(x, i * lanes)
    s1 += load(x, (i + 1) * lanes)
    s2 += load(x, (i + 2) * lanes)
    s3 += load(x, (i + 3) * lanes)
    i += 4
  }
  while i < count {
    s0 += load(x, i * lanes)
    i += 1
  }
  return (s0 + s1) + (s2 + s3)
}

/// The sum of a row.
func rowSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var sum = total(sumVectors(x, count / lanes))
  for i in count / lanes * lanes..<count { sum += x[i] }
  return sum
}

/// The largest element; -infinity of none.
@inline(always)
func rowMaximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var (b0, b1) = (splat(-.infinity), splat(-.infinity))
  var i = 0
  while i + 2 * lanes <= count {
    b0 = maximum(b0, load(x, i))
    b1 = maximum(b1, load(x, i + lanes))
    i += 2 * lanes
  }
  var best = largestLane(maximum(b0, b1))
  while i < count {
    best = best < x[i] ? x[i] : best
    i += 1
  }
  return best
}

/// Calls `body` for whole vectors of `range`, then once for a partial one with its element count.
@inline(always)
func forVectors(_ range: Range<Int>, whole: (Int) -> Void, partial: (Int, Int) -> Void) {
  var i = range.lowerBound
  while i + lanes <= range.upperBound {
    whole(i)
    i += lanes
  }
  if i < range.upperBound { partial(i, range.upperBound - i) }
}

/// The elements of a range of elementwise units.
@inline(always)
func elements(_ units: Range<Int>, of count: Int, unit: Int) -> Range<Int> {
  min(count, units.lowerBound * unit)..<min(count, units.upperBound * unit)
}
