import KernelInterface

// Attention whose products take bf16 operands; logits, probabilities and their gradients are f32 in between.
extension Kernels {
  /// Panels of the transpose of `rows` rows, `stride` apart.
  @inline(__always)
  private static func packTransposedPairs(
    _ source: UnsafePointer<Float>, rows: Int, stride: Int, depth: Int, into target: UnsafeMutableRawPointer
  ) {
    var target = target.assumingMemoryBound(to: UInt32.self)
    var row = 0
    while row < rows {
      packPairedColumns(source + row * stride, stride, rows: depth, min(panel, rows - row), into: target)
      target += PackArguments.pairs(depth) * panel
      row += panel
    }
  }

  /// Words of pairs of rows, `width` words from one pair to the next; zeros past `count`.
  @inline(__always)
  private static func pairAllRows(
    _ source: UnsafePointer<Float>, rows: Int, stride: Int, count: Int, width: Int, into target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: UInt32.self)
    for pair in 0..<PackArguments.pairs(rows) {
      let even = source + 2 * pair * stride
      let line = target + pair * width
      pairRows(even, 2 * pair + 1 < rows ? even + stride : nil, count, into: line)
      (line + count).update(repeating: 0, count: width - count)
    }
  }

  /// Rounded rows, `width` elements apart.
  @inline(__always)
  private static func roundRows(
    _ source: UnsafePointer<Float>, rows: Int, stride: Int, count: Int, width: Int, into target: UnsafeMutableRawPointer
  ) {
    let target = target.assumingMemoryBound(to: UInt16.self)
    for row in 0..<rows { roundRow(source + row * stride, count, into: target + row * width) }
  }

  @inline(__always)
  private static func halves(_ memory: UnsafeMutableRawPointer) -> UnsafePointer<UInt16> {
    UnsafePointer(memory.assumingMemoryBound(to: UInt16.self))
  }

  @inline(__always)
  private static func pairs(_ memory: UnsafeMutableRawPointer) -> UnsafePointer<UInt32> {
    UnsafePointer(memory.assumingMemoryBound(to: UInt32.self))
  }

  /// One block of queries of one head, whose keys and values are packed first unless they are from the call before.
  static func pairedAttention(
    _ a: AttentionArguments, head: Int, first: Int, packsHead: Bool, _ scratch: UnsafeMutableRawPointer
  ) {
    let sizes = PairedAttentionScratch(a)
    let stride = a.inputRow
    let column = head % a.heads * a.depth
    let logits = scratch.assumingMemoryBound(to: Float.self)
    let rounded = scratch + sizes.logits
    let keys = rounded + sizes.rounded
    let values = keys + sizes.transposed
    let queries = values + sizes.paired
    if packsHead {
      let offset = head / a.heads * a.keys * stride + column
      packTransposedPairs(a.k + offset, rows: a.keys, stride: stride, depth: a.depth, into: keys)
      pairAllRows(a.v + offset, rows: a.keys, stride: stride, count: a.depth, width: sizes.depthRow, into: values)
    }
    let rows = min(AttentionArguments.block, a.queries - first)
    let visible = a.causal ? min(a.keys, first + rows + a.keys - a.queries) : a.keys
    let token = head / a.heads * a.queries + first
    roundRows(
      a.q + token * stride + column, rows: rows, stride: stride, count: a.depth, width: sizes.queryRow, into: queries)
    multiplyPairs(
      rows: rows, columns: visible, a: halves(queries), aRow: sizes.queryRow, b: pairs(keys), bRow: panel,
      bPanel: PackArguments.pairs(a.depth) * panel, pairs: PackArguments.pairs(a.depth), c: logits,
      cRow: sizes.logitRow, accumulate: false)
    for row in 0..<rows {
      let seen = a.causal ? min(a.keys, first + row + 1 + a.keys - a.queries) : a.keys
      let line = logits + row * sizes.logitRow
      a.lse[head * a.queries + first + row] = softmaxRow(line, count: seen, scale: a.scale)
      if seen < visible { (line + seen).update(repeating: 0, count: visible - seen) }
    }
    roundRows(logits, rows: rows, stride: sizes.logitRow, count: visible, width: sizes.logitRow, into: rounded)
    multiplyPairs(
      rows: rows, columns: a.depth, a: halves(rounded), aRow: sizes.logitRow, b: pairs(values), bRow: sizes.depthRow,
      bPanel: panel, pairs: PackArguments.pairs(visible), c: a.o + token * a.outputRow + column, cRow: a.outputRow,
      accumulate: false)
  }

  /// Gradient of one head.
  static func pairedAttentionGradient(
    _ g: AttentionGradientArguments, head: Int, _ scratch: UnsafeMutableRawPointer
  ) {
    let a = g.forward
    let sizes = PairedAttentionScratch(a)
    let (stride, outputRow) = (a.inputRow, a.outputRow)
    let column = head % a.heads * a.depth
    let keyOffset = head / a.heads * a.keys * stride + column
    let depthPairs = PackArguments.pairs(a.depth)
    let probabilities = scratch.assumingMemoryBound(to: Float.self)
    let gradients = (scratch + sizes.logits).assumingMemoryBound(to: Float.self)
    let gradientRows = scratch + 2 * sizes.logits
    let gradientPairs = gradientRows + sizes.rounded
    let probabilityPairs = gradientPairs + sizes.rounded
    let keysT = probabilityPairs + sizes.rounded
    let valuesT = keysT + sizes.transposed
    let keys = valuesT + sizes.transposed
    let queryRows = keys + sizes.paired
    let outputRows = queryRows + sizes.queries
    let queryPairs = outputRows + sizes.queries
    let outputPairs = queryPairs + sizes.queries
    packTransposedPairs(a.k + keyOffset, rows: a.keys, stride: stride, depth: a.depth, into: keysT)
    packTransposedPairs(a.v + keyOffset, rows: a.keys, stride: stride, depth: a.depth, into: valuesT)
    pairAllRows(a.k + keyOffset, rows: a.keys, stride: stride, count: a.depth, width: sizes.depthRow, into: keys)
    var first = 0
    while first < a.queries {
      let rows = min(AttentionArguments.block, a.queries - first)
      let rowPairs = PackArguments.pairs(rows)
      let token = head / a.heads * a.queries + first
      let (queryOffset, outputOffset) = (token * stride + column, token * outputRow + column)
      let (q, dOutput) = (a.q + queryOffset, g.dOutput + outputOffset)
      roundRows(q, rows: rows, stride: stride, count: a.depth, width: sizes.queryRow, into: queryRows)
      roundRows(dOutput, rows: rows, stride: outputRow, count: a.depth, width: sizes.queryRow, into: outputRows)
      pairAllRows(q, rows: rows, stride: stride, count: a.depth, width: sizes.depthRow, into: queryPairs)
      pairAllRows(dOutput, rows: rows, stride: outputRow, count: a.depth, width: sizes.depthRow, into: outputPairs)
      multiplyPairs(
        rows: rows, columns: a.keys, a: halves(queryRows), aRow: sizes.queryRow, b: pairs(keysT), bRow: panel,
        bPanel: depthPairs * panel, pairs: depthPairs, c: probabilities, cRow: sizes.logitRow, accumulate: false)
      multiplyPairs(
        rows: rows, columns: a.keys, a: halves(outputRows), aRow: sizes.queryRow, b: pairs(valuesT), bRow: panel,
        bPanel: depthPairs * panel, pairs: depthPairs, c: gradients, cRow: sizes.logitRow, accumulate: false)
      for row in 0..<rows {
        let seen = a.causal ? min(a.keys, first + row + 1 + a.keys - a.queries) : a.keys
        softmaxGradientRow(
          probabilities + row * sizes.logitRow, gradients + row * sizes.logitRow, count: seen, padded: a.keys,
          scale: a.scale, lse: a.lse[head * a.queries + first + row],
          delta: dot(UnsafePointer(a.o) + outputOffset + row * outputRow, dOutput + row * outputRow, a.depth))
      }
      let width = sizes.logitRow
      roundRows(gradients, rows: rows, stride: width, count: a.keys, width: width, into: gradientRows)
      pairAllRows(gradients, rows: rows, stride: width, count: a.keys, width: width, into: gradientPairs)
      pairAllRows(probabilities, rows: rows, stride: width, count: a.keys, width: width, into: probabilityPairs)
      multiplyPairs(
        rows: rows, columns: a.depth, a: halves(gradientRows), aRow: width, b: pairs(keys), bRow: sizes.depthRow,
        bPanel: panel, pairs: PackArguments.pairs(a.keys), c: g.dq + queryOffset, cRow: stride, accumulate: false)
      multiplyPairs(
        rows: a.keys, columns: a.depth, a: halves(gradientPairs), aRow: 2, aPair: 2 * width, b: pairs(queryPairs),
        bRow: sizes.depthRow, bPanel: panel, pairs: rowPairs, c: g.dk + keyOffset, cRow: stride, accumulate: first > 0)
      multiplyPairs(
        rows: a.keys, columns: a.depth, a: halves(probabilityPairs), aRow: 2, aPair: 2 * width, b: pairs(outputPairs),
        bRow: sizes.depthRow, bPanel: panel, pairs: rowPairs, c: g.dv + keyOffset, cRow: stride, accumulate: first > 0)
      first += rows
    }
  }
}
