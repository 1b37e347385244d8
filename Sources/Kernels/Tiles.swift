import KernelInterface

/// C[rows, columns] (+)= A B, tile by tile, for operands that fit in the cache.
///
/// The inner extent is `segments` runs of `length`; element (m, s, k) of A stands at
/// `m * aRow + s * aSegment + k * aColumn`, row (s, k) of B at `s * bSegment + k * bRow` within a panel, and panels of
/// B are `bPanel` apart. Loads of B may touch a panel's width past the last column. The bias starts the sums;
/// the activation, then the residual (laid out like C) come after them.
///
/// About `sumLength` products are added up at a time, and then to C: one long sum would lose precision. In strict
/// precision sums are f64.
@inline(__always)
func multiply(
  rows: Int, columns: Int, a: UnsafePointer<Float>, aRow: Int, aColumn: Int, aSegment: Int = 0,
  b: UnsafePointer<Float>, bRow: Int, bSegment: Int = 0, bPanel: Int, segments: Int = 1, length: Int,
  c: UnsafeMutablePointer<Float>, cRow: Int, bias: UnsafePointer<Float>? = nil, accumulate: Bool,
  activation: FusedActivation = .none, residual: UnsafePointer<Float>? = nil,
  precision: ProductPrecision = .f32, sumLength: Int = 128
) {
  let hasEpilogue = activation != .none || residual != nil
  var column = 0
  var b = b
  while column < columns {
    if precision == .strict {
      multiplyWide(
        rows: rows, columns: min(panel, columns - column), a: a, aRow: aRow, aColumn: aColumn, aSegment: aSegment, b: b,
        bRow: bRow, bSegment: bSegment, segments: segments, length: length, c: c + column, cRow: cRow,
        bias: bias.map { $0 + column }, accumulate: accumulate)
    } else {
      multiplyRuns(
        TileOperands(
          a: a, aRow: aRow, aColumn: aColumn, aSegment: aSegment, b: b, bRow: bRow, bSegment: bSegment,
          segments: segments, length: length, c: c + column, cRow: cRow, columns: columns - column,
          bias: bias.map { $0 + column }, accumulate: accumulate),
        rows, sumLength)
    }
    if hasEpilogue {
      applyEpilogue(
        c + column, residual: residual.map { $0 + column }, stride: cRow, rows: rows,
        columns: min(panel, columns - column),
        activation: activation)
    }
    column += panel
    b += bPanel
  }
}

/// One panel of C in sums of about `sumLength` products: parts of a segment, or several whole segments.
@inline(__always)
private func multiplyRuns(_ whole: TileOperands, _ rows: Int, _ sumLength: Int) {
  let parts = max(1, Partition.ceil(whole.length, sumLength))
  let part = Partition.ceil(whole.length, parts)
  let group = parts > 1 ? 1 : sumLength / max(1, whole.length)
  var tile = whole
  var segment = 0
  // At least once: a sum of nothing is zero, or the bias.
  repeat {
    tile.segments = min(group, whole.segments - segment)
    var k = 0
    repeat {
      tile.length = min(part, whole.length - k)
      tile.a = whole.a + segment * whole.aSegment + k * whole.aColumn
      tile.b = whole.b + segment * whole.bSegment + k * whole.bRow
      multiplyRows(tile, rows)
      tile.accumulate = true
      k += part
    } while k < whole.length
    segment += group
  } while segment < whole.segments
}

/// One panel of C, from the first row on.
@inline(__always)
private func multiplyRows(_ first: TileOperands, _ rows: Int) {
  var tile = first
  var left = rows
  while left > 0 {
    let done: Int
    #if FACET_AVX512
      if left >= 14 {
        tile14(tile)
        done = 14
      } else if left >= 8 {
        tile8(tile)
        done = 8
      } else if left >= 4 {
        tile4(tile)
        done = 4
      } else if left >= 2 {
        tile2(tile)
        done = 2
      } else {
        tile1(tile)
        done = 1
      }
    #else
      if left >= 6 {
        tile6(tile)
        done = 6
      } else if left >= 4 {
        tile4(tile)
        done = 4
      } else if left >= 2 {
        tile2(tile)
        done = 2
      } else {
        tile1(tile)
        done = 1
      }
    #endif
    left -= done
    tile.a += done * tile.aRow
    tile.c += done * tile.cRow
  }
}

// Register-blocked tiles: R rows by one panel of C stay in registers while k runs. Written out row by row so that every
// accumulator is a register of its own.

/// Operands of a tile; see `multiply`. Private, like every structure of kernels: others have functions for copying them,
/// of which the linker keeps those of one instruction set for all.
private struct TileOperands {
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
private func start(_ t: TileOperands, _ row: Int) -> (Vector, Vector) {
  startingSums(columns: t.columns, bias: t.bias, accumulate: t.accumulate)
}

@inline(__always)
private func finish(_ t: TileOperands, _ row: Int, _ low: Vector, _ high: Vector) {
  storeSums(low, high, t.c + row * t.cRow, columns: t.columns, accumulate: t.accumulate)
}

@inline(never)
private func tile14(_ t: TileOperands) {
  var (l0, h0) = start(t, 0)
  var (l1, h1) = start(t, 1)
  var (l2, h2) = start(t, 2)
  var (l3, h3) = start(t, 3)
  var (l4, h4) = start(t, 4)
  var (l5, h5) = start(t, 5)
  var (l6, h6) = start(t, 6)
  var (l7, h7) = start(t, 7)
  var (l8, h8) = start(t, 8)
  var (l9, h9) = start(t, 9)
  var (l10, h10) = start(t, 10)
  var (l11, h11) = start(t, 11)
  var (l12, h12) = start(t, 12)
  var (l13, h13) = start(t, 13)
  let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      let low = load(b)
      let high = load(b, lanes)
      let x0 = splat(a[0])
      l0 = multiplyAdd(x0, low, l0)
      h0 = multiplyAdd(x0, high, h0)
      let x1 = splat(a[aRow])
      l1 = multiplyAdd(x1, low, l1)
      h1 = multiplyAdd(x1, high, h1)
      let x2 = splat(a[2 * aRow])
      l2 = multiplyAdd(x2, low, l2)
      h2 = multiplyAdd(x2, high, h2)
      let x3 = splat(a[3 * aRow])
      l3 = multiplyAdd(x3, low, l3)
      h3 = multiplyAdd(x3, high, h3)
      let x4 = splat(a[4 * aRow])
      l4 = multiplyAdd(x4, low, l4)
      h4 = multiplyAdd(x4, high, h4)
      let x5 = splat(a[5 * aRow])
      l5 = multiplyAdd(x5, low, l5)
      h5 = multiplyAdd(x5, high, h5)
      let x6 = splat(a[6 * aRow])
      l6 = multiplyAdd(x6, low, l6)
      h6 = multiplyAdd(x6, high, h6)
      let x7 = splat(a[7 * aRow])
      l7 = multiplyAdd(x7, low, l7)
      h7 = multiplyAdd(x7, high, h7)
      let x8 = splat(a[8 * aRow])
      l8 = multiplyAdd(x8, low, l8)
      h8 = multiplyAdd(x8, high, h8)
      let x9 = splat(a[9 * aRow])
      l9 = multiplyAdd(x9, low, l9)
      h9 = multiplyAdd(x9, high, h9)
      let x10 = splat(a[10 * aRow])
      l10 = multiplyAdd(x10, low, l10)
      h10 = multiplyAdd(x10, high, h10)
      let x11 = splat(a[11 * aRow])
      l11 = multiplyAdd(x11, low, l11)
      h11 = multiplyAdd(x11, high, h11)
      let x12 = splat(a[12 * aRow])
      l12 = multiplyAdd(x12, low, l12)
      h12 = multiplyAdd(x12, high, h12)
      let x13 = splat(a[13 * aRow])
      l13 = multiplyAdd(x13, low, l13)
      h13 = multiplyAdd(x13, high, h13)
      a += aColumn
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
  finish(t, 1, l1, h1)
  finish(t, 2, l2, h2)
  finish(t, 3, l3, h3)
  finish(t, 4, l4, h4)
  finish(t, 5, l5, h5)
  finish(t, 6, l6, h6)
  finish(t, 7, l7, h7)
  finish(t, 8, l8, h8)
  finish(t, 9, l9, h9)
  finish(t, 10, l10, h10)
  finish(t, 11, l11, h11)
  finish(t, 12, l12, h12)
  finish(t, 13, l13, h13)
}

@inline(never)
private func tile8(_ t: TileOperands) {
  var (l0, h0) = start(t, 0)
  var (l1, h1) = start(t, 1)
  var (l2, h2) = start(t, 2)
  var (l3, h3) = start(t, 3)
  var (l4, h4) = start(t, 4)
  var (l5, h5) = start(t, 5)
  var (l6, h6) = start(t, 6)
  var (l7, h7) = start(t, 7)
  let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      let low = load(b)
      let high = load(b, lanes)
      let x0 = splat(a[0])
      l0 = multiplyAdd(x0, low, l0)
      h0 = multiplyAdd(x0, high, h0)
      let x1 = splat(a[aRow])
      l1 = multiplyAdd(x1, low, l1)
      h1 = multiplyAdd(x1, high, h1)
      let x2 = splat(a[2 * aRow])
      l2 = multiplyAdd(x2, low, l2)
      h2 = multiplyAdd(x2, high, h2)
      let x3 = splat(a[3 * aRow])
      l3 = multiplyAdd(x3, low, l3)
      h3 = multiplyAdd(x3, high, h3)
      let x4 = splat(a[4 * aRow])
      l4 = multiplyAdd(x4, low, l4)
      h4 = multiplyAdd(x4, high, h4)
      let x5 = splat(a[5 * aRow])
      l5 = multiplyAdd(x5, low, l5)
      h5 = multiplyAdd(x5, high, h5)
      let x6 = splat(a[6 * aRow])
      l6 = multiplyAdd(x6, low, l6)
      h6 = multiplyAdd(x6, high, h6)
      let x7 = splat(a[7 * aRow])
      l7 = multiplyAdd(x7, low, l7)
      h7 = multiplyAdd(x7, high, h7)
      a += aColumn
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
  finish(t, 1, l1, h1)
  finish(t, 2, l2, h2)
  finish(t, 3, l3, h3)
  finish(t, 4, l4, h4)
  finish(t, 5, l5, h5)
  finish(t, 6, l6, h6)
  finish(t, 7, l7, h7)
}

@inline(never)
private func tile6(_ t: TileOperands) {
  var (l0, h0) = start(t, 0)
  var (l1, h1) = start(t, 1)
  var (l2, h2) = start(t, 2)
  var (l3, h3) = start(t, 3)
  var (l4, h4) = start(t, 4)
  var (l5, h5) = start(t, 5)
  let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      let low = load(b)
      let high = load(b, lanes)
      let x0 = splat(a[0])
      l0 = multiplyAdd(x0, low, l0)
      h0 = multiplyAdd(x0, high, h0)
      let x1 = splat(a[aRow])
      l1 = multiplyAdd(x1, low, l1)
      h1 = multiplyAdd(x1, high, h1)
      let x2 = splat(a[2 * aRow])
      l2 = multiplyAdd(x2, low, l2)
      h2 = multiplyAdd(x2, high, h2)
      let x3 = splat(a[3 * aRow])
      l3 = multiplyAdd(x3, low, l3)
      h3 = multiplyAdd(x3, high, h3)
      let x4 = splat(a[4 * aRow])
      l4 = multiplyAdd(x4, low, l4)
      h4 = multiplyAdd(x4, high, h4)
      let x5 = splat(a[5 * aRow])
      l5 = multiplyAdd(x5, low, l5)
      h5 = multiplyAdd(x5, high, h5)
      a += aColumn
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
  finish(t, 1, l1, h1)
  finish(t, 2, l2, h2)
  finish(t, 3, l3, h3)
  finish(t, 4, l4, h4)
  finish(t, 5, l5, h5)
}

@inline(never)
private func tile4(_ t: TileOperands) {
  var (l0, h0) = start(t, 0)
  var (l1, h1) = start(t, 1)
  var (l2, h2) = start(t, 2)
  var (l3, h3) = start(t, 3)
  let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      let low = load(b)
      let high = load(b, lanes)
      let x0 = splat(a[0])
      l0 = multiplyAdd(x0, low, l0)
      h0 = multiplyAdd(x0, high, h0)
      let x1 = splat(a[aRow])
      l1 = multiplyAdd(x1, low, l1)
      h1 = multiplyAdd(x1, high, h1)
      let x2 = splat(a[2 * aRow])
      l2 = multiplyAdd(x2, low, l2)
      h2 = multiplyAdd(x2, high, h2)
      let x3 = splat(a[3 * aRow])
      l3 = multiplyAdd(x3, low, l3)
      h3 = multiplyAdd(x3, high, h3)
      a += aColumn
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
  finish(t, 1, l1, h1)
  finish(t, 2, l2, h2)
  finish(t, 3, l3, h3)
}

@inline(never)
private func tile2(_ t: TileOperands) {
  var (l0, h0) = start(t, 0)
  var (l1, h1) = start(t, 1)
  let (aRow, aColumn, bRow) = (t.aRow, t.aColumn, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      let low = load(b)
      let high = load(b, lanes)
      let x0 = splat(a[0])
      l0 = multiplyAdd(x0, low, l0)
      h0 = multiplyAdd(x0, high, h0)
      let x1 = splat(a[aRow])
      l1 = multiplyAdd(x1, low, l1)
      h1 = multiplyAdd(x1, high, h1)
      a += aColumn
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
  finish(t, 1, l1, h1)
}

@inline(never)
private func tile1(_ t: TileOperands) {
  var (l0, h0) = start(t, 0)
  let (aColumn, bRow) = (t.aColumn, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.length {
      let low = load(b)
      let high = load(b, lanes)
      let x0 = splat(a[0])
      l0 = multiplyAdd(x0, low, l0)
      h0 = multiplyAdd(x0, high, h0)
      a += aColumn
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
}
