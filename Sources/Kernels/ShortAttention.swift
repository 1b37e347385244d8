import KernelInterface

// Attention over a few keys, such as the steps of a factorized head: packing keys would take longer than the products,
// so rows are multiplied as they stand.
extension Kernels {
  /// Keys up to which this is faster than packing them.
  private static var maximumShortKeys: Int { 8 }

  /// Whether the keys are few and heads are whole vectors.
  @inline(__always)
  static func isShort(_ a: AttentionArguments) -> Bool { a.keys <= maximumShortKeys && a.depth % lanes == 0 }

  /// Keys that a query sees.
  @inline(__always)
  private static func visible(_ a: AttentionArguments, _ row: Int) -> Int {
    a.causal ? min(a.keys, row + 1 + a.keys - a.queries) : a.keys
  }

  /// Some queries of one head.
  static func shortAttention(
    _ a: AttentionArguments, head: Int, rows: Range<Int>, logits: UnsafeMutablePointer<Float>
  ) {
    let (stride, outputRow) = (a.inputRow, a.outputRow)
    let column = head % a.heads * a.depth
    let keyOffset = head / a.heads * a.keys * stride + column
    for row in rows {
      let token = head / a.heads * a.queries + row
      let q = a.q + token * stride + column
      let seen = visible(a, row)
      for key in 0..<seen { logits[key] = dot(q, a.k + keyOffset + key * stride, a.depth) }
      a.lse[head * a.queries + row] = softmaxRow(logits, count: seen, scale: a.scale)
      weightedSum(logits, seen, a.v + keyOffset, stride, a.o + token * outputRow + column, a.depth)
    }
  }

  /// target = sum of weights times rows.
  @inline(__always)
  private static func weightedSum(
    _ weights: UnsafeMutablePointer<Float>, _ count: Int, _ rows: UnsafePointer<Float>, _ stride: Int,
    _ target: UnsafeMutablePointer<Float>, _ depth: Int
  ) {
    var i = 0
    while i < depth {
      var sum = Vector()
      for key in 0..<count { sum = multiplyAdd(splat(weights[key]), load(rows, key * stride + i), sum) }
      store(sum, target, i)
      i += lanes
    }
  }

  /// Gradient of one head.
  static func shortAttentionGradient(
    _ g: AttentionGradientArguments, head: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let a = g.forward
    let (stride, outputRow) = (a.inputRow, a.outputRow)
    let column = head % a.heads * a.depth
    let keyOffset = head / a.heads * a.keys * stride + column
    let (p, dp) = (scratch, scratch + 64)
    for key in 0..<a.keys {
      (g.dk + keyOffset + key * stride).update(repeating: 0, count: a.depth)
      (g.dv + keyOffset + key * stride).update(repeating: 0, count: a.depth)
    }
    for row in 0..<a.queries {
      let token = head / a.heads * a.queries + row
      let (place, output) = (token * stride + column, token * outputRow + column)
      let (q, dOutput) = (a.q + place, g.dOutput + output)
      let seen = visible(a, row)
      for key in 0..<seen {
        p[key] = dot(q, a.k + keyOffset + key * stride, a.depth)
        dp[key] = dot(dOutput, a.v + keyOffset + key * stride, a.depth)
      }
      softmaxGradientRow(
        p, dp, count: seen, padded: seen, scale: a.scale, lse: a.lse[head * a.queries + row],
        delta: dot(UnsafePointer(a.o) + output, dOutput, a.depth))
      weightedSum(dp, seen, a.k + keyOffset, stride, g.dq + place, a.depth)
      for key in 0..<seen {
        let target = keyOffset + key * stride
        var i = 0
        while i < a.depth {
          store(multiplyAdd(splat(dp[key]), load(q, i), load(g.dk, target + i)), g.dk, target + i)
          store(multiplyAdd(splat(p[key]), load(dOutput, i), load(g.dv, target + i)), g.dv, target + i)
          i += lanes
        }
      }
    }
  }
}
