import CProcessor
import KernelInterface

extension Kernels {
  /// Panels of the transpose of `rows` rows of length `depth`, `stride` apart: the B operand of x rows^T.
  @inline(__always)
  private static func packTransposed(
    _ source: UnsafePointer<Float>, rows: Int, stride: Int, depth: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let arguments = PackArguments(
      source: source, rows: depth, columns: rows, rowStride: 1, columnStride: stride, packed: target)
    pack(arguments, 0..<arguments.unitCount)
  }

  /// Rows copied to a dense buffer whose row length is a whole number of panels, so that loads stay inside.
  @inline(__always)
  private static func copyRows(
    _ source: UnsafePointer<Float>, rows: Int, stride: Int, depth: Int, width: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      (target + row * width).update(from: source + row * stride, count: depth)
      (target + row * width + depth).update(repeating: 0, count: width - depth)
    }
  }

  /// Attention; a unit is a block of queries of one head.
  public static func attention(_ a: AttentionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let block = AttentionArguments.block
    let blocks = Partition.ceil(a.queries, block)
    let stride = a.inputRow
    let padded = Partition.roundUp(a.keys, panelWidth)
    let width = Partition.roundUp(a.depth, panelWidth)
    let logits = scratch.assumingMemoryBound(to: Float.self)
    let keys = logits + block * padded
    let values = keys + padded * a.depth
    var packedHead = -1
    for unit in units {
      let head = unit / blocks
      if isShort(a) {
        let first = unit % blocks * block
        shortAttention(a, head: head, rows: first..<min(a.queries, first + block), logits: logits)
        continue
      }
      if a.precision == .bf16 {
        pairedAttention(a, head: head, first: unit % blocks * block, packsHead: head != packedHead, scratch)
        packedHead = head
        continue
      }
      let column = head % a.heads * a.depth
      if head != packedHead {
        let offset = head / a.heads * a.keys * stride + column
        packTransposed(a.k + offset, rows: a.keys, stride: stride, depth: a.depth, into: keys)
        copyRows(a.v + offset, rows: a.keys, stride: stride, depth: a.depth, width: width, into: values)
        packedHead = head
      }
      let first = unit % blocks * block
      let rows = min(block, a.queries - first)
      let visible = a.causal ? min(a.keys, first + rows + a.keys - a.queries) : a.keys
      let token = head / a.heads * a.queries + first
      multiply(
        rows: rows, columns: visible, a: a.q + token * stride + column, aRow: stride, aColumn: 1,
        b: UnsafePointer(keys), bRow: panel, bPanel: a.depth * panel, length: a.depth, c: logits, cRow: padded,
        accumulate: false)
      for row in 0..<rows {
        let seen = a.causal ? min(a.keys, first + row + 1 + a.keys - a.queries) : a.keys
        let line = logits + row * padded
        a.lse[head * a.queries + first + row] = softmaxRow(line, count: seen, scale: a.scale)
        if seen < visible { (line + seen).update(repeating: 0, count: visible - seen) }
      }
      multiply(
        rows: rows, columns: a.depth, a: UnsafePointer(logits), aRow: padded, aColumn: 1, b: UnsafePointer(values),
        bRow: width, bPanel: panel, length: visible, c: a.o + token * a.outputRow + column, cRow: a.outputRow,
        accumulate: false)
    }
  }

  /// softmax(scale * row) in place; returns the log-sum-exp.
  @inline(__always)
  static func softmaxRow(_ row: UnsafeMutablePointer<Float>, count: Int, scale: Float) -> Float {
    let peak = rowMaximum(UnsafePointer(row), count) * scale
    var sums = Vector()
    var i = 0
    while i + lanes <= count {
      let e = exponential(multiplyAdd(load(row, i), splat(scale), splat(-peak)))
      store(e, row, i)
      sums += e
      i += lanes
    }
    var sum = total(sums)
    while i < count {
      let e = exponential(splat(row[i] * scale - peak))[0]
      row[i] = e
      sum += e
      i += 1
    }
    scaleRow(row, count, 1 / sum)
    return peak + logarithm(splat(sum))[0]
  }

  @inline(__always)
  private static func scaleRow(_ row: UnsafeMutablePointer<Float>, _ count: Int, _ factor: Float) {
    var i = 0
    while i + lanes <= count {
      store(load(row, i) * factor, row, i)
      i += lanes
    }
    while i < count {
      row[i] *= factor
      i += 1
    }
  }

  /// Gradient of attention; a unit is one head.
  public static func attentionGradient(
    _ g: AttentionGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let a = g.forward
    let block = AttentionArguments.block
    let (stride, outputRow) = (a.inputRow, a.outputRow)
    let padded = Partition.roundUp(a.keys, panelWidth)
    let width = Partition.roundUp(a.depth, panelWidth)
    let probabilities = scratch.assumingMemoryBound(to: Float.self)
    let gradients = probabilities + block * padded
    let keysT = gradients + block * padded
    let valuesT = keysT + padded * a.depth
    let keys = valuesT + padded * a.depth
    let queries = keys + a.keys * width
    let outputs = queries + block * width
    for head in units {
      if isShort(a) {
        shortAttentionGradient(g, head: head, scratch: probabilities)
        continue
      }
      if a.precision == .bf16 {
        pairedAttentionGradient(g, head: head, scratch)
        continue
      }
      let column = head % a.heads * a.depth
      let keyOffset = head / a.heads * a.keys * stride + column
      packTransposed(a.k + keyOffset, rows: a.keys, stride: stride, depth: a.depth, into: keysT)
      packTransposed(a.v + keyOffset, rows: a.keys, stride: stride, depth: a.depth, into: valuesT)
      copyRows(a.k + keyOffset, rows: a.keys, stride: stride, depth: a.depth, width: width, into: keys)
      var first = 0
      while first < a.queries {
        let rows = min(block, a.queries - first)
        let token = head / a.heads * a.queries + first
        let (queryOffset, outputOffset) = (token * stride + column, token * outputRow + column)
        copyRows(a.q + queryOffset, rows: rows, stride: stride, depth: a.depth, width: width, into: queries)
        copyRows(
          g.dOutput + outputOffset, rows: rows, stride: outputRow, depth: a.depth, width: width, into: outputs)
        multiply(
          rows: rows, columns: a.keys, a: UnsafePointer(queries), aRow: width, aColumn: 1, b: UnsafePointer(keysT),
          bRow: panel, bPanel: a.depth * panel, length: a.depth, c: probabilities, cRow: padded, accumulate: false)
        multiply(
          rows: rows, columns: a.keys, a: UnsafePointer(outputs), aRow: width, aColumn: 1, b: UnsafePointer(valuesT),
          bRow: panel, bPanel: a.depth * panel, length: a.depth, c: gradients, cRow: padded, accumulate: false)
        for row in 0..<rows {
          let seen = a.causal ? min(a.keys, first + row + 1 + a.keys - a.queries) : a.keys
          let o = UnsafePointer(a.o) + outputOffset + row * outputRow
          softmaxGradientRow(
            probabilities + row * padded, gradients + row * padded, count: seen, padded: a.keys, scale: a.scale,
            lse: a.lse[head * a.queries + first + row], delta: dot(o, UnsafePointer(outputs) + row * width, a.depth))
        }
        multiply(
          rows: rows, columns: a.depth, a: UnsafePointer(gradients), aRow: padded, aColumn: 1, b: UnsafePointer(keys),
          bRow: width, bPanel: panel, length: a.keys, c: g.dq + queryOffset, cRow: stride, accumulate: false)
        multiply(
          rows: a.keys, columns: a.depth, a: UnsafePointer(gradients), aRow: 1, aColumn: padded,
          b: UnsafePointer(queries), bRow: width, bPanel: panel, length: rows, c: g.dk + keyOffset, cRow: stride,
          accumulate: first > 0)
        multiply(
          rows: a.keys, columns: a.depth, a: UnsafePointer(probabilities), aRow: 1, aColumn: padded,
          b: UnsafePointer(outputs), bRow: width, bPanel: panel, length: rows, c: g.dv + keyOffset, cRow: stride,
          accumulate: first > 0)
        first += rows
      }
    }
  }

  /// Logits become probabilities p, gradients of p become scale * p * (dp - delta); zeros past `count`.
  @inline(__always)
  static func softmaxGradientRow(
    _ p: UnsafeMutablePointer<Float>, _ dp: UnsafeMutablePointer<Float>, count: Int, padded: Int, scale: Float,
    lse: Float, delta: Float
  ) {
    var i = 0
    while i + lanes <= count {
      let probability = exponential(multiplyAdd(load(p, i), splat(scale), splat(-lse)))
      store(probability, p, i)
      store(probability * (load(dp, i) - delta) * scale, dp, i)
      i += lanes
    }
    while i < count {
      let probability = exponential(splat(p[i] * scale - lse))[0]
      p[i] = probability
      dp[i] = probability * (dp[i] - delta) * scale
      i += 1
    }
    if count < padded {
      (p + count).update(repeating: 0, count: padded - count)
      (dp + count).update(repeating: 0, count: padded - count)
    }
  }

  /// Attention of one query over a cache; a unit is one head.
  public static func cachedAttention(
    _ a: CachedAttentionArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let logits = scratch.assumingMemoryBound(to: Float.self)
    let stride = a.heads * a.depth
    let count = min(a.capacity, max(0, Int(a.position.pointee)) + 1)
    for unit in units {
      let column = unit % a.heads * a.depth
      let offset = unit / a.heads * a.capacity * stride + column
      let q = a.q + unit / a.heads * stride + column
      let o = a.o + unit / a.heads * stride + column
      var key = 0
      while key < count {
        let rows = a.keys + offset + key * stride
        fetchRows(rows + keysAhead * stride, stride: stride, depth: a.depth)
        let products = dots(rows: rows, stride: stride, min(4, count - key), q, length: a.depth)
        for i in 0..<min(4, count - key) { logits[key + i] = products[i] }
        key += 4
      }
      _ = softmaxRow(logits, count: count, scale: a.scale)
      var i = 0
      while i + 4 * lanes <= a.depth {
        cachedSum4(UnsafePointer(logits), count, a.values + offset + i, stride, o + i)
        i += 4 * lanes
      }
      while i + lanes <= a.depth {
        cachedSum1(UnsafePointer(logits), count, a.values + offset + i, stride, o + i)
        i += lanes
      }
      while i < a.depth {
        var sum: Float = 0
        for key in 0..<count { sum = multiplyAdd(logits[key], a.values[offset + key * stride + i], sum) }
        o[i] = sum
        i += 1
      }
    }
  }

  /// Rows of a cache that are fetched before they are needed: heads lie between them, so the processor does not see it.
  private static var keysAhead: Int { 16 }

  /// Asks for four rows.
  @inline(__always)
  private static func fetchRows(_ rows: UnsafePointer<Float>, stride: Int, depth: Int) {
    var i = 0
    while i < depth {
      for row in 0..<4 { facet_prefetch(rows + row * stride + i) }
      i += 16
    }
  }

  /// Four vectors of the sum of weighted rows, even and odd rows apart.
  @inline(__always)
  private static func cachedSum4(
    _ weights: UnsafePointer<Float>, _ count: Int, _ rows: UnsafePointer<Float>, _ stride: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
    var (t0, t1, t2, t3) = (Vector(), Vector(), Vector(), Vector())
    var row = rows
    var key = 0
    while key + 2 <= count {
      let next = row + stride
      var line = 0
      while line < 4 * lanes {
        facet_prefetch(row + keysAhead * stride + line)
        facet_prefetch(next + keysAhead * stride + line)
        line += 16
      }
      let (even, odd) = (splat(weights[key]), splat(weights[key + 1]))
      s0 = multiplyAdd(even, load(row), s0)
      s1 = multiplyAdd(even, load(row, lanes), s1)
      s2 = multiplyAdd(even, load(row, 2 * lanes), s2)
      s3 = multiplyAdd(even, load(row, 3 * lanes), s3)
      t0 = multiplyAdd(odd, load(next), t0)
      t1 = multiplyAdd(odd, load(next, lanes), t1)
      t2 = multiplyAdd(odd, load(next, 2 * lanes), t2)
      t3 = multiplyAdd(odd, load(next, 3 * lanes), t3)
      row = next + stride
      key += 2
    }
    if key < count {
      let even = splat(weights[key])
      s0 = multiplyAdd(even, load(row), s0)
      s1 = multiplyAdd(even, load(row, lanes), s1)
      s2 = multiplyAdd(even, load(row, 2 * lanes), s2)
      s3 = multiplyAdd(even, load(row, 3 * lanes), s3)
    }
    store(s0 + t0, target)
    store(s1 + t1, target, lanes)
    store(s2 + t2, target, 2 * lanes)
    store(s3 + t3, target, 3 * lanes)
  }

  /// One vector of the sum of weighted rows, every fourth row apart.
  @inline(__always)
  private static func cachedSum1(
    _ weights: UnsafePointer<Float>, _ count: Int, _ rows: UnsafePointer<Float>, _ stride: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
    var key = 0
    while key + 4 <= count {
      let row = rows + key * stride
      s0 = multiplyAdd(splat(weights[key]), load(row), s0)
      s1 = multiplyAdd(splat(weights[key + 1]), load(row, stride), s1)
      s2 = multiplyAdd(splat(weights[key + 2]), load(row, 2 * stride), s2)
      s3 = multiplyAdd(splat(weights[key + 3]), load(row, 3 * stride), s3)
      key += 4
    }
    while key < count {
      s0 = multiplyAdd(splat(weights[key]), load(rows, key * stride), s0)
      key += 1
    }
    store((s0 + s1) + (s2 + s3), target)
  }
}
