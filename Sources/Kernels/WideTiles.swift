import CProcessor

/// One panel of `multiply` with sums in double precision: every element of C is rounded once, whatever the order of its
/// products.
func multiplyWide(
  rows: Int, columns: Int, a: UnsafePointer<Float>, aRow: Int, aColumn: Int, aSegment: Int, b: UnsafePointer<Float>,
  bRow: Int, bSegment: Int, segments: Int, length: Int, c: UnsafeMutablePointer<Float>, cRow: Int,
  bias: UnsafePointer<Float>?, accumulate: Bool
) {
  var tile = WideOperands(
    a: a, aRow: aRow, aColumn: aColumn, aSegment: aSegment, b: b, bRow: bRow, bSegment: bSegment, segments: segments,
    length: length, c: c, cRow: cRow, columns: columns, bias: bias, accumulate: accumulate)
  var left = rows
  while left > 0 {
    let done: Int
    #if FACET_AVX512
      if left >= 4 {
        wideTile4(tile)
        done = 4
      } else {
        wideTile1(tile)
        done = 1
      }
    #else
      if left >= 2 {
        wideTile2(tile)
        done = 2
      } else {
        wideTile1(tile)
        done = 1
      }
    #endif
    left -= done
    tile.a += done * aRow
    tile.c += done * cRow
  }
}

/// Operands of a tile; see `multiply`.
private struct WideOperands {
  var a: UnsafePointer<Float>
  var aRow: Int
  var aColumn: Int
  var aSegment: Int
  var b: UnsafePointer<Float>
  var bRow: Int
  var bSegment: Int
  var segments: Int
  var length: Int
  var c: UnsafeMutablePointer<Float>
  var cRow: Int
  var columns: Int
  var bias: UnsafePointer<Float>?
  var accumulate: Bool
}

/// What a row of C starts from.
@inline(__always)
private func start(_ t: WideOperands, _ row: Int) -> (facet_wide, facet_wide) {
  let source: UnsafePointer<Float>
  if t.accumulate {
    source = UnsafePointer(t.c + row * t.cRow)
  } else {
    guard let bias = t.bias else { return (facet_wide(), facet_wide()) }
    source = bias
  }
  if t.columns == panel { return (facet_widen(load(source)), facet_widen(load(source, lanes))) }
  return (
    facet_widen(loadPartial(source, t.columns)), facet_widen(loadPartial(source + lanes, t.columns - lanes))
  )
}

@inline(__always)
private func finish(_ t: WideOperands, _ row: Int, _ low: facet_wide, _ high: facet_wide) {
  storeSums(facet_narrow(low), facet_narrow(high), t.c + row * t.cRow, columns: t.columns, accumulate: false)
}

#if FACET_AVX512
  @inline(never)
  private func wideTile4(_ t: WideOperands) {
    var (l0, h0) = start(t, 0)
    var (l1, h1) = start(t, 1)
    var (l2, h2) = start(t, 2)
    var (l3, h3) = start(t, 3)
    let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
    for segment in 0..<t.segments {
      var a = t.a + segment * t.aSegment
      var b = t.b + segment * t.bSegment
      for _ in 0..<t.length {
        let (low, high) = (facet_widen(load(b)), facet_widen(load(b, lanes)))
        l0 = facet_multiply_add_wide(a[0], low, l0)
        h0 = facet_multiply_add_wide(a[0], high, h0)
        l1 = facet_multiply_add_wide(a[aRow], low, l1)
        h1 = facet_multiply_add_wide(a[aRow], high, h1)
        l2 = facet_multiply_add_wide(a[2 * aRow], low, l2)
        h2 = facet_multiply_add_wide(a[2 * aRow], high, h2)
        l3 = facet_multiply_add_wide(a[3 * aRow], low, l3)
        h3 = facet_multiply_add_wide(a[3 * aRow], high, h3)
        a += aColumn
        b += bRow
      }
    }
    finish(t, 0, l0, h0)
    finish(t, 1, l1, h1)
    finish(t, 2, l2, h2)
    finish(t, 3, l3, h3)
  }
#else
  /// Half as tall: a panel in double precision takes twice as many registers.
  @inline(never)
  private func wideTile2(_ t: WideOperands) {
    var (l0, h0) = start(t, 0)
    var (l1, h1) = start(t, 1)
    let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
    for segment in 0..<t.segments {
      var a = t.a + segment * t.aSegment
      var b = t.b + segment * t.bSegment
      for _ in 0..<t.length {
        let (low, high) = (facet_widen(load(b)), facet_widen(load(b, lanes)))
        l0 = facet_multiply_add_wide(a[0], low, l0)
        h0 = facet_multiply_add_wide(a[0], high, h0)
        l1 = facet_multiply_add_wide(a[aRow], low, l1)
        h1 = facet_multiply_add_wide(a[aRow], high, h1)
        a += aColumn
        b += bRow
      }
    }
    finish(t, 0, l0, h0)
    finish(t, 1, l1, h1)
  }
#endif

@inline(never)
private func wideTile1(_ t: WideOperands) {
  var (low, high) = start(t, 0)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      low = facet_multiply_add_wide(a[0], facet_widen(load(b)), low)
      high = facet_multiply_add_wide(a[0], facet_widen(load(b, lanes)), high)
      a += t.aColumn
      b += t.bRow
    }
  }
  finish(t, 0, low, high)
}
