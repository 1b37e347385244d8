import KernelInterface

/// C[rows, columns] (+)= A B, tile by tile, for operands that fit in the cache.
///
/// The inner extent is `segments` runs of `length`; element (m, s, k) of A stands at
/// `m * aRow + s * aSegment + k * aColumn`, row (s, k) of B at `s * bSegment + k * bRow` within a panel, and panels of
/// B are `bPanel` apart. Loads of B may touch a panel's width past the last column. The bias starts the sums;
/// the activation, then the residual (laid out like C) come after them.
@inline(__always)
func multiply(
  rows: Int, columns: Int, a: UnsafePointer<Float>, aRow: Int, aColumn: Int, aSegment: Int = 0,
  b: UnsafePointer<Float>, bRow: Int, bSegment: Int = 0, bPanel: Int, segments: Int = 1, length: Int,
  c: UnsafeMutablePointer<Float>, cRow: Int, bias: UnsafePointer<Float>? = nil, accumulate: Bool,
  activation: FusedActivation = .none, residual: UnsafePointer<Float>? = nil
) {
  let hasEpilogue = activation != .none || residual != nil
  var column = 0
  var b = b
  while column < columns {
    var tile = TileOperands(
      a: a, aRow: aRow, aColumn: aColumn, aSegment: aSegment, b: b, bRow: bRow, bSegment: bSegment,
      segments: segments, length: length, c: c + column, cRow: cRow, columns: columns - column,
      bias: bias.map { $0 + column }, accumulate: accumulate)
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
      tile.a += done * aRow
      tile.c += done * cRow
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
