// Sums of one row of a panel, as tiles begin and end them.

/// Starting values of a row of C: zeros where C is added at the end, so that products are summed among themselves first.
@inline(__always)
func startingSums(
  columns: Int, bias: UnsafePointer<Float>?, accumulate: Bool
) -> (Vector, Vector) {
  guard let from = bias, !accumulate else { return (Vector(), Vector()) }
  if columns >= panel { return (load(from), load(from, lanes)) }
  return (loadPartial(from, columns), loadPartial(from + lanes, columns - lanes))
}

@inline(__always)
func storeSums(_ low: Vector, _ high: Vector, _ c: UnsafeMutablePointer<Float>, columns: Int, accumulate: Bool) {
  if columns >= panel {
    store(accumulate ? load(c) + low : low, c)
    store(accumulate ? load(c, lanes) + high : high, c, lanes)
  } else {
    storePartial(accumulate ? loadPartial(c, columns) + low : low, c, columns)
    storePartial(accumulate ? loadPartial(c + lanes, columns - lanes) + high : high, c + lanes, columns - lanes)
  }
}
