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
    let stride = a.heads * a.depth
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
      let offset = head / a.heads * a.keys * stride + head % a.heads * a.depth
      if head != packedHead {
        packTransposed(a.k + offset, rows: a.keys, stride: stride, depth: a.depth, into: keys)
        copyRows(a.v + offset, rows: a.keys, stride: stride, depth: a.depth, width: width, into: values)
        packedHead = head
      }
      let first = unit % blocks * block
      let rows = min(block, a.queries - first)
      let visible = a.causal ? min(a.keys, first + rows + a.keys - a.queries) : a.keys
      let queryOffset = (head / a.heads * a.queries + first) * stride + head % a.heads * a.depth
      multiply(
        rows: rows, columns: visible, a: a.q + queryOffset, aRow: stride, aColumn: 1, b: UnsafePointer(keys),
        bRow: panel, bPanel: a.depth * panel, length: a.depth, c: logits, cRow: padded, accumulate: false)
      for row in 0..<rows {
        let seen = a.causal ? min(a.keys, first + row + 1 + a.keys - a.queries) : a.keys
        let line = logits + row * padded
        a.lse[head * a.queries + first + row] = softmaxRow(line, count: seen, scale: a.scale)
        if seen < visible { (line + seen).update(repeating: 0, count: visible - seen) }
      }
      multiply(
        rows: rows, columns: a.depth, a: UnsafePointer(logits), aRow: padded, aColumn: 1, b: UnsafePointer(values),
        bRow: width, bPanel: panel, length: visible, c: a.o + queryOffset, cRow: stride, accumulate: false)
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
    let stride = a.heads * a.depth
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
      let column = head % a.heads * a.depth
      let keyOffset = head / a.heads * a.keys * stride + column
      packTransposed(a.k + keyOffset, rows: a.keys, stride: stride, depth: a.depth, into: keysT)
      packTransposed(a.v + keyOffset, rows: a.keys, stride: stride, depth: a.depth, into: valuesT)
      copyRows(a.k + keyOffset, rows: a.keys, stride: stride, depth: a.depth, width: width, into: keys)
      var first = 0
      while first < a.queries {
        let rows = min(block, a.queries - first)
        let queryOffset = (head / a.heads * a.queries + first) * stride + column
        copyRows(a.q + queryOffset, rows: rows, stride: stride, depth: a.depth, width: width, into: queries)
        copyRows(g.dOutput + queryOffset, rows: rows, stride: stride, depth: a.depth, width: width, into: outputs)
        multiply(
          rows: rows, columns: a.keys, a: UnsafePointer(queries), aRow: width, aColumn: 1, b: UnsafePointer(keysT),
          bRow: panel, bPanel: a.depth * panel, length: a.depth, c: probabilities, cRow: padded, accumulate: false)
        multiply(
          rows: rows, columns: a.keys, a: UnsafePointer(outputs), aRow: width, aColumn: 1, b: UnsafePointer(valuesT),
          bRow: panel, bPanel: a.depth * panel, length: a.depth, c: gradients, cRow: padded, accumulate: false)
        for row in 0..<rows {
          let seen = a.causal ? min(a.keys, first + row + 1 + a.keys - a.queries) : a.keys
          let o = UnsafePointer(a.o) + queryOffset + row * stride
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
      for key in 0..<count { logits[key] = dot(q, a.keys + offset + key * stride, a.depth) }
      _ = softmaxRow(logits, count: count, scale: a.scale)
      var i = 0
      while i < a.depth {
        if i + lanes <= a.depth {
          var sum = Vector()
          for key in 0..<count { sum = multiplyAdd(splat(logits[key]), load(a.values, offset + key * stride + i), sum) }
          store(sum, o, i)
          i += lanes
        } else {
          var sum: Float = 0
          for key in 0..<count { sum = multiplyAdd(logits[key], a.values[offset + key * stride + i], sum) }
          o[i] = sum
          i += 1
        }
      }
    }
  }
}
