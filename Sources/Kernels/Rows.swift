// Reductions over one row, with several accumulators and a fixed final tree.

@inline(__always)
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

@inline(__always)
func rowSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var (s0, s1) = (Vector(), Vector())
  var i = 0
  while i + 2 * lanes <= count {
    s0 += load(x, i)
    s1 += load(x, i + lanes)
    i += 2 * lanes
  }
  var sum = total(s0 + s1)
  while i < count {
    sum += x[i]
    i += 1
  }
  return sum
}

@inline(__always)
func rowMaximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var best = -Float.infinity
  var i = 0
  if count >= lanes {
    var bests = load(x)
    i = lanes
    while i + lanes <= count {
      bests = pointwiseMax(bests, load(x, i))
      i += lanes
    }
    best = largest(bests)
  }
  while i < count {
    best = max(best, x[i])
    i += 1
  }
  return best
}

/// Calls `body` for whole vectors of `range`, then once for a partial one with its element count.
@inline(__always)
func forVectors(_ range: Range<Int>, whole: (Int) -> Void, partial: (Int, Int) -> Void) {
  var i = range.lowerBound
  while i + lanes <= range.upperBound {
    whole(i)
    i += lanes
  }
  if i < range.upperBound { partial(i, range.upperBound - i) }
}

/// The elements of a range of elementwise units.
@inline(__always)
func elements(_ units: Range<Int>, of count: Int, unit: Int) -> Range<Int> {
  min(count, units.lowerBound * unit)..<min(count, units.upperBound * unit)
}
