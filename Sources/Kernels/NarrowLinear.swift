import CProcessor
import KernelInterface

extension Kernels {
  /// Every element is one chain of vector sums over K and a fixed tree at the end, so a row's result does not depend on
  /// how many rows there are.
  public static func narrowLinear(_ a: NarrowLinearArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let x = scratch.assumingMemoryBound(to: Float.self)
    switch a.storage {
    case .bf16: narrowLinear(BFloat16Words.self, a, units, x)
    case .i8: narrowLinear(Int8Words.self, a, units, x)
    }
  }

  @inline(__always)
  private static func narrowLinear<W: WeightWords>(
    _ words: W.Type, _ a: NarrowLinearArguments, _ units: Range<Int>, _ x: UnsafeMutablePointer<Float>
  ) {
    let stride = a.k * W.byteCount
    for m in 0..<a.m { deal(words, a.x + m * a.k, to: x + m * a.k, a.k) }
    for unit in units {
      let columns = unit * NarrowLinearArguments.block..<min(a.n, (unit + 1) * NarrowLinearArguments.block)
      var n = columns.lowerBound
      while n < columns.upperBound {
        let count = min(4, columns.upperBound - n)
        let rows = WeightRows(first: a.w + n * stride, stride: stride, count: count)
        let scale = scales(a, n, count)
        var m = 0
        while m < a.m {
          let isPair = m + 1 < a.m
          let (first, second) = products(words, rows, x + m * a.k, isPair ? a.k : 0, a.k)
          let y = a.y + m * a.n + n
          for i in 0..<count { y[i] = first[i] * scale[i] }
          if isPair {
            for i in 0..<count { y[a.n + i] = second[i] * scale[i] }
          }
          m += 2
        }
        n += 4
      }
      for m in 0..<a.m { finish(a, m, columns) }
    }
  }

  @inline(__always)
  private static func scales(_ a: NarrowLinearArguments, _ n: Int, _ count: Int) -> SIMD4<Float> {
    var result = SIMD4<Float>(repeating: 1)
    if let scales = a.scales {
      for i in 0..<count { result[i] = scales[n + i] }
    }
    return result
  }

  @inline(__always)
  private static func finish(_ a: NarrowLinearArguments, _ m: Int, _ columns: Range<Int>) {
    let y = a.y + m * a.n
    if let bias = a.bias {
      for n in columns { y[n] += bias[n] }
    }
    if a.activation != .none || a.residual != nil {
      applyEpilogue(
        y + columns.lowerBound, residual: a.residual.map { $0 + m * a.n + columns.lowerBound }, stride: a.n, rows: 1,
        columns: columns.count, activation: a.activation)
    }
  }

  /// Rows of narrow weights as f32, picked by indices where there are some.
  public static func widen(_ a: WidenArguments, _ units: Range<Int>) {
    let step = Partition.rows(width: a.width)
    for row in units.lowerBound * step..<min(a.count, units.upperBound * step) {
      let index = a.indices.map { min(a.rows - 1, max(0, Int($0[row]))) } ?? row
      let source = a.w + index * a.width * a.storage.byteCount
      let target = a.y + row * a.width
      switch a.storage {
      case .bf16: for i in 0..<a.width { target[i] = BFloat16Words.element(source, i) }
      case .i8:
        let scale = a.scales.map { $0[index] } ?? 1
        for i in 0..<a.width { target[i] = Int8Words.element(source, i) * scale }
      }
    }
  }
}

/// Up to four rows of W that are multiplied together; missing ones repeat the first.
private struct WeightRows {
  var r0, r1, r2, r3: UnsafeRawPointer
  /// Bytes from these rows to the next four.
  var ahead: Int

  @inline(__always)
  init(first: UnsafeRawPointer, stride: Int, count: Int) {
    r0 = first
    r1 = count > 1 ? first + stride : first
    r2 = count > 2 ? first + 2 * stride : first
    r3 = count > 3 ? first + 3 * stride : first
    ahead = 4 * stride
  }
}

/// Weights of which several share a 32-bit word. A register of words is a few planes: plane p holds part p of every
/// word, so its elements stand `perWord` apart in memory.
private protocol WeightWords {
  /// Bytes of one weight.
  static var byteCount: Int { get }
  /// Weights of one word.
  static var perWord: Int { get }
  /// Part `index` of every word as f32.
  static func plane(_ index: Int, of words: IntVector) -> Vector
  /// Weight `index` of a row.
  static func element(_ row: UnsafeRawPointer, _ index: Int) -> Float
}

private enum BFloat16Words: WeightWords {
  @inline(__always) static var byteCount: Int { 2 }
  @inline(__always) static var perWord: Int { 2 }

  @inline(__always)
  static func plane(_ index: Int, of words: IntVector) -> Vector {
    floats(index == 0 ? words &<< 16 : words & IntVector(repeating: Int32(bitPattern: 0xffff_0000)))
  }

  @inline(__always)
  static func element(_ row: UnsafeRawPointer, _ index: Int) -> Float {
    Float(bitPattern: UInt32(row.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)) << 16)
  }
}

private enum Int8Words: WeightWords {
  @inline(__always) static var byteCount: Int { 1 }
  @inline(__always) static var perWord: Int { 4 }

  @inline(__always)
  static func plane(_ index: Int, of words: IntVector) -> Vector {
    // The byte with its sign bit inverted, as the low bits of 2^23: a sum whose other part is then taken away. A
    // conversion of integer vectors would be a loop over lanes.
    let byte = words &>> IntVector(repeating: Int32(8 * index)) & IntVector(repeating: 0xff)
    return floats(byte ^ IntVector(repeating: 0x4b00_0080)) - splat(8_388_608 + 128)
  }

  @inline(__always)
  static func element(_ row: UnsafeRawPointer, _ index: Int) -> Float {
    Float(row.load(fromByteOffset: index, as: Int8.self))
  }
}

/// Copies a row of x so that each plane's elements are adjacent; those past the last whole register stay as they are.
@inline(__always)
private func deal<W: WeightWords>(
  _ words: W.Type, _ x: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ count: Int
) {
  let block = W.perWord * lanes
  var start = 0
  while start + block <= count {
    for plane in 0..<W.perWord {
      for lane in 0..<lanes { target[start + plane * lanes + lane] = x[start + lane * W.perWord + plane] }
    }
    start += block
  }
  for i in start..<count { target[i] = x[i] }
}

/// Products of four rows of W with two dealt rows of x, `xRow` apart. The same place of the next four rows of W is
/// fetched meanwhile: rows are too short for the processor to see that it will be needed.
@inline(__always)
private func products<W: WeightWords>(
  _ words: W.Type, _ w: WeightRows, _ x: UnsafePointer<Float>, _ xRow: Int, _ length: Int
) -> (SIMD4<Float>, SIMD4<Float>) {
  let (y, z) = (x, x + xRow)
  var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
  var (t0, t1, t2, t3) = (Vector(), Vector(), Vector(), Vector())
  let block = W.perWord * lanes
  var i = 0
  while i + block <= length {
    let offset = i * W.byteCount
    let w0 = (w.r0 + offset).loadUnaligned(as: IntVector.self)
    let w1 = (w.r1 + offset).loadUnaligned(as: IntVector.self)
    let w2 = (w.r2 + offset).loadUnaligned(as: IntVector.self)
    let w3 = (w.r3 + offset).loadUnaligned(as: IntVector.self)
    facet_prefetch(w.r0 + (offset + w.ahead))
    facet_prefetch(w.r1 + (offset + w.ahead))
    facet_prefetch(w.r2 + (offset + w.ahead))
    facet_prefetch(w.r3 + (offset + w.ahead))
    for plane in 0..<W.perWord {
      let (a, b) = (load(y, i + plane * lanes), load(z, i + plane * lanes))
      let p0 = W.plane(plane, of: w0)
      s0 = multiplyAdd(p0, a, s0)
      t0 = multiplyAdd(p0, b, t0)
      let p1 = W.plane(plane, of: w1)
      s1 = multiplyAdd(p1, a, s1)
      t1 = multiplyAdd(p1, b, t1)
      let p2 = W.plane(plane, of: w2)
      s2 = multiplyAdd(p2, a, s2)
      t2 = multiplyAdd(p2, b, t2)
      let p3 = W.plane(plane, of: w3)
      s3 = multiplyAdd(p3, a, s3)
      t3 = multiplyAdd(p3, b, t3)
    }
    i += block
  }
  var first = SIMD4(total(s0), total(s1), total(s2), total(s3))
  var second = SIMD4(total(t0), total(t1), total(t2), total(t3))
  while i < length {
    let weights = SIMD4(W.element(w.r0, i), W.element(w.r1, i), W.element(w.r2, i), W.element(w.r3, i))
    first += weights * y[i]
    second += weights * z[i]
    i += 1
  }
  return (first, second)
}
