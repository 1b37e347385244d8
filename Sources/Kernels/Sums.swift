// Sums of one row of a panel, as tiles begin and end them.

/// Starting values of a row of C.
@inline(__always)
func startingSums(
  _ c: UnsafeMutablePointer<Float>, columns: Int, bias: UnsafePointer<Float>?, accumulate: Bool
) -> (Vector, Vector) {
  guard let from = accumulate ? UnsafePointer(c) : bias else { return (Vector(), Vector()) }
  if columns >= panel { return (load(from), load(from, lanes)) }
  return (loadPartial(from, columns), loadPartial(from + lanes, columns - lanes))
}

@inline(__always)
func storeSums(_ low: Vector, _ high: Vector, _ c: UnsafeMutablePointer<Float>, columns: Int) {
  if columns >= panel {
    store(low, c)
    store(high, c, lanes)
  } else {
    storePartial(low, c, columns)
    storePartial(high, c + lanes, columns - lanes)
  }
}
