import CProcessor
import KernelInterface

/// `multiply` with sums in double precision: every element of C is rounded once, whatever the order of its products.
func multiplyWide(
  rows: Int, columns: Int, a: UnsafePointer<Float>, aRow: Int, aColumn: Int, aSegment: Int, b: UnsafePointer<Float>,
  bRow: Int, bSegment: Int, bPanel: Int, segments: Int, length: Int, c: UnsafeMutablePointer<Float>, cRow: Int,
  bias: UnsafePointer<Float>?, accumulate: Bool, activation: FusedActivation, residual: UnsafePointer<Float>?
) {
  var column = 0
  while column < columns {
    let count = min(lanes, columns - column)
    var tile = WideOperands(
      a: a, aRow: aRow, aColumn: aColumn, aSegment: aSegment, b: b + column / panel * bPanel + column % panel,
      bRow: bRow, bSegment: bSegment, segments: segments, length: length, c: c + column, cRow: cRow, columns: count,
      bias: bias.map { $0 + column }, accumulate: accumulate)
    var left = rows
    while left > 0 {
      let done = left >= 4 ? 4 : 1
      if done == 4 { wideTile4(tile) } else { wideTile1(tile) }
      left -= done
      tile.a += done * aRow
      tile.c += done * cRow
    }
    if activation != .none || residual != nil {
      applyEpilogue(
        c + column, residual: residual.map { $0 + column }, stride: cRow, rows: rows, columns: count,
        activation: activation)
    }
    column += lanes
  }
}

/// Operands of a tile one vector wide; see `multiply`.
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

@inline(__always)
private func widened(_ source: UnsafePointer<Float>, _ count: Int) -> facet_wide {
  facet_widen(count == lanes ? load(source) : loadPartial(source, count))
}

/// What a row of C starts from.
@inline(__always)
private func start(_ t: WideOperands, _ row: Int) -> facet_wide {
  if t.accumulate { return widened(t.c + row * t.cRow, t.columns) }
  return t.bias.map { widened($0, t.columns) } ?? facet_wide()
}

@inline(__always)
private func finish(_ t: WideOperands, _ row: Int, _ sum: facet_wide) {
  let c = t.c + row * t.cRow
  if t.columns == lanes { store(facet_narrow(sum), c) } else { storePartial(facet_narrow(sum), c, t.columns) }
}

@inline(never)
private func wideTile4(_ t: WideOperands) {
  var (s0, s1, s2, s3) = (start(t, 0), start(t, 1), start(t, 2), start(t, 3))
  let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      let wide = facet_widen(load(b))
      s0 = facet_multiply_add_wide(a[0], wide, s0)
      s1 = facet_multiply_add_wide(a[aRow], wide, s1)
      s2 = facet_multiply_add_wide(a[2 * aRow], wide, s2)
      s3 = facet_multiply_add_wide(a[3 * aRow], wide, s3)
      a += aColumn
      b += bRow
    }
  }
  finish(t, 0, s0)
  finish(t, 1, s1)
  finish(t, 2, s2)
  finish(t, 3, s3)
}

@inline(never)
private func wideTile1(_ t: WideOperands) {
  var sum = start(t, 0)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      sum = facet_multiply_add_wide(a[0], facet_widen(load(b)), sum)
      a += t.aColumn
      b += t.bRow
    }
  }
  finish(t, 0, sum)
}
