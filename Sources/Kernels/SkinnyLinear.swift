import CProcessor
import KernelInterface

/// Elements of W that are asked for ahead of their use; across the end of a page the processor would not do it itself.
let prefetchDistance = 2048

extension Kernels {
  /// W is read once, from its first element to its last: one sequential stream keeps the memory busiest. A row of it
  /// stays in the first-level cache while the rows of x pass in pairs. Every element is summed in the same four chains
  /// over K, so a row's result does not depend on how many rows there are.
  public static func skinnyLinear(_ a: SkinnyLinearArguments, _ units: Range<Int>) {
    let block = SkinnyLinearArguments.block
    for unit in units {
      let columns = unit * block..<min(a.n, (unit + 1) * block)
      for n in columns {
        let weights = a.w + n * a.k
        var m = 0
        while m < a.m {
          let hasPair = m + 1 < a.m
          let (first, second) =
            hasPair
            ? streamedPair(weights, a.x + m * a.k, a.x + (m + 1) * a.k, a.k)
            : (streamed(weights, a.x + m * a.k, a.k), 0)
          a.y[m * a.n + n] = first
          if hasPair { a.y[(m + 1) * a.n + n] = second }
          m += 2
        }
      }
      for m in 0..<a.m { finish(a, a.y + m * a.n, a.residual.map { $0 + m * a.n }, columns) }
    }
  }

  @inline(__always)
  private static func streamed(_ w: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
    var i = 0
    while i + 4 * lanes <= count {
      facet_prefetch(w + i + prefetchDistance)
      s0 = multiplyAdd(load(w, i), load(x, i), s0)
      facet_prefetch(w + i + prefetchDistance + lanes)
      s1 = multiplyAdd(load(w, i + lanes), load(x, i + lanes), s1)
      facet_prefetch(w + i + prefetchDistance + 2 * lanes)
      s2 = multiplyAdd(load(w, i + 2 * lanes), load(x, i + 2 * lanes), s2)
      facet_prefetch(w + i + prefetchDistance + 3 * lanes)
      s3 = multiplyAdd(load(w, i + 3 * lanes), load(x, i + 3 * lanes), s3)
      i += 4 * lanes
    }
    while i + lanes <= count {
      s0 = multiplyAdd(load(w, i), load(x, i), s0)
      i += lanes
    }
    var sum = total((s0 + s1) + (s2 + s3))
    while i < count {
      sum = multiplyAdd(w[i], x[i], sum)
      i += 1
    }
    return sum
  }

  /// `streamed` for two vectors.
  @inline(__always)
  private static func streamedPair(
    _ w: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int
  ) -> (Float, Float) {
    var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
    var (t0, t1, t2, t3) = (Vector(), Vector(), Vector(), Vector())
    var i = 0
    while i + 4 * lanes <= count {
      facet_prefetch(w + i + prefetchDistance)
      let w0 = load(w, i)
      s0 = multiplyAdd(w0, load(x, i), s0)
      t0 = multiplyAdd(w0, load(y, i), t0)
      facet_prefetch(w + i + prefetchDistance + lanes)
      let w1 = load(w, i + lanes)
      s1 = multiplyAdd(w1, load(x, i + lanes), s1)
      t1 = multiplyAdd(w1, load(y, i + lanes), t1)
      facet_prefetch(w + i + prefetchDistance + 2 * lanes)
      let w2 = load(w, i + 2 * lanes)
      s2 = multiplyAdd(w2, load(x, i + 2 * lanes), s2)
      t2 = multiplyAdd(w2, load(y, i + 2 * lanes), t2)
      facet_prefetch(w + i + prefetchDistance + 3 * lanes)
      let w3 = load(w, i + 3 * lanes)
      s3 = multiplyAdd(w3, load(x, i + 3 * lanes), s3)
      t3 = multiplyAdd(w3, load(y, i + 3 * lanes), t3)
      i += 4 * lanes
    }
    while i + lanes <= count {
      let w0 = load(w, i)
      s0 = multiplyAdd(w0, load(x, i), s0)
      t0 = multiplyAdd(w0, load(y, i), t0)
      i += lanes
    }
    var (first, second) = (total((s0 + s1) + (s2 + s3)), total((t0 + t1) + (t2 + t3)))
    while i < count {
      first = multiplyAdd(w[i], x[i], first)
      second = multiplyAdd(w[i], y[i], second)
      i += 1
    }
    return (first, second)
  }

  @inline(__always)
  private static func finish(
    _ a: SkinnyLinearArguments, _ y: UnsafeMutablePointer<Float>, _ residual: UnsafePointer<Float>?,
    _ columns: Range<Int>
  ) {
    if let bias = a.bias {
      for n in columns { y[n] += bias[n] }
    }
    if a.activation != .none || residual != nil {
      applyEpilogue(
        y + columns.lowerBound, residual: residual.map { $0 + columns.lowerBound }, stride: a.n, rows: 1,
        columns: columns.count, activation: a.activation)
    }
  }
}
