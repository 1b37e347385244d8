import CBrainFloat
import KernelInterface

/// Operands of a product of words; see `multiplyPairs`.
private struct PairedOperands {
  var a: UnsafePointer<UInt16>
  var aRow: Int
  var aPair: Int
  var aSegment: Int
  var b: UnsafePointer<UInt32>
  var bRow: Int
  var bSegment: Int
  var segments: Int
  var pairs: Int
  var c: UnsafeMutablePointer<Float>
  var cRow: Int
  var columns: Int
  var bias: UnsafePointer<Float>?
  var accumulate: Bool
}

@inline(__always)
private func start(_ t: PairedOperands, _ row: Int) -> (Vector, Vector) {
  startingSums(columns: t.columns, bias: t.bias, accumulate: t.accumulate)
}

@inline(__always)
private func finish(_ t: PairedOperands, _ row: Int, _ low: Vector, _ high: Vector) {
  storeSums(low, high, t.c + row * t.cRow, columns: t.columns, accumulate: t.accumulate)
}

/// C[rows, columns] (+)= A B for bf16 operands that fit in the cache; see `multiply`.
///
/// The inner extent is `segments` runs of `pairs` pairs. Element (m, s, k) of A stands at
/// `m * aRow + s * aSegment + k / 2 * aPair + k % 2`, the words of (s, k) of B at `s * bSegment + k / 2 * bRow` within a
/// panel. `widens` chooses the way of processors that have no products of words.
@inline(__always)
func multiplyPairs(
  rows: Int, columns: Int, a: UnsafePointer<UInt16>, aRow: Int, aPair: Int = 2, aSegment: Int = 0,
  b: UnsafePointer<UInt32>, bRow: Int, bSegment: Int = 0, bPanel: Int, segments: Int = 1, pairs: Int,
  c: UnsafeMutablePointer<Float>, cRow: Int, bias: UnsafePointer<Float>? = nil, accumulate: Bool,
  activation: FusedActivation = .none, residual: UnsafePointer<Float>? = nil,
  widens: Bool = !Kernels.hasPairedDots
) {
  let hasEpilogue = activation != .none || residual != nil
  var column = 0
  var b = b
  while column < columns {
    let count = min(panel, columns - column)
    multiplyPanel(
      PairedOperands(
        a: a, aRow: aRow, aPair: aPair, aSegment: aSegment, b: b, bRow: bRow, bSegment: bSegment, segments: segments,
        pairs: pairs,
        c: c + column, cRow: cRow, columns: count, bias: bias.map { $0 + column }, accumulate: accumulate),
      rows: rows, widens: widens)
    if hasEpilogue {
      applyEpilogue(
        c + column, residual: residual.map { $0 + column }, stride: cRow, rows: rows, columns: count,
        activation: activation)
    }
    column += panel
    b += bPanel
  }
}

@inline(__always)
private func multiplyPanel(_ p: PairedOperands, rows: Int, widens: Bool) {
  #if FACET_AVX512
    if !widens {
      var product = facet_bf16_product(
        a: p.a, a_row: p.aRow, a_pair: p.aPair, a_segment: p.aSegment, b: p.b, b_row: p.bRow, b_segment: p.bSegment,
        segments: p.segments, pairs: p.pairs, c: p.c, c_row: p.cRow, columns: p.columns,
        bias: p.bias, accumulate: p.accumulate ? 1 : 0)
      return facet_bf16_multiply(&product, rows)
    }
  #endif
  multiplyWidened(p, rows: rows)
}

/// The product of one panel on a processor without products of words.
private func multiplyWidened(_ p: PairedOperands, rows: Int) {
  var p = p
  var left = rows
  while left > 0 {
    let done = left >= 4 ? 4 : 1
    if done == 4 { widenedTile4(p) } else { widenedTile1(p) }
    left -= done
    p.a += done * p.aRow
    p.c += done * p.cRow
  }
}

/// A pair of k of A in every lane.
@inline(__always)
private func splatWord(_ a: UnsafePointer<UInt16>) -> (Vector, Vector) {
  let word = UnsafeRawPointer(a).loadUnaligned(as: UInt32.self)
  return (splat(Float(bitPattern: word << 16)), splat(Float(bitPattern: word & 0xffff_0000)))
}

@inline(__always)
private func loadWords(_ b: UnsafePointer<UInt32>) -> IntVector {
  UnsafeRawPointer(b).loadUnaligned(as: IntVector.self)
}

@inline(never)
private func widenedTile4(_ t: PairedOperands) {
  var (l0, h0) = start(t, 0)
  var (l1, h1) = start(t, 1)
  var (l2, h2) = start(t, 2)
  var (l3, h3) = start(t, 3)
  let (aRow, aPair, bRow) = (t.aRow, t.aPair, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.pairs {
      let (low, high) = (loadWords(b), loadWords(b + lanes))
      let (evenLow, oddLow) = (evenHalves(low), oddHalves(low))
      let (evenHigh, oddHigh) = (evenHalves(high), oddHalves(high))
      let (e0, o0) = splatWord(a)
      l0 = multiplyAdd(o0, oddLow, multiplyAdd(e0, evenLow, l0))
      h0 = multiplyAdd(o0, oddHigh, multiplyAdd(e0, evenHigh, h0))
      let (e1, o1) = splatWord(a + aRow)
      l1 = multiplyAdd(o1, oddLow, multiplyAdd(e1, evenLow, l1))
      h1 = multiplyAdd(o1, oddHigh, multiplyAdd(e1, evenHigh, h1))
      let (e2, o2) = splatWord(a + 2 * aRow)
      l2 = multiplyAdd(o2, oddLow, multiplyAdd(e2, evenLow, l2))
      h2 = multiplyAdd(o2, oddHigh, multiplyAdd(e2, evenHigh, h2))
      let (e3, o3) = splatWord(a + 3 * aRow)
      l3 = multiplyAdd(o3, oddLow, multiplyAdd(e3, evenLow, l3))
      h3 = multiplyAdd(o3, oddHigh, multiplyAdd(e3, evenHigh, h3))
      a += aPair
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
  finish(t, 1, l1, h1)
  finish(t, 2, l2, h2)
  finish(t, 3, l3, h3)
}

@inline(never)
private func widenedTile1(_ t: PairedOperands) {
  var (l0, h0) = start(t, 0)
  let (aPair, bRow) = (t.aPair, t.bRow)
  for segment in 0..<t.segments {
    var a = t.a + segment * t.aSegment
    var b = t.b + segment * t.bSegment
    for _ in 0..<t.pairs {
      let (low, high) = (loadWords(b), loadWords(b + lanes))
      let (even, odd) = splatWord(a)
      l0 = multiplyAdd(odd, oddHalves(low), multiplyAdd(even, evenHalves(low), l0))
      h0 = multiplyAdd(odd, oddHalves(high), multiplyAdd(even, evenHalves(high), h0))
      a += aPair
      b += bRow
    }
  }
  finish(t, 0, l0, h0)
}
