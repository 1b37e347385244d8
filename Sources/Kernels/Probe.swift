// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CProcessor
import KernelInterface

extension Kernels {
  public static var vectorWidth: Int { lanes }

  public static func probe(_ a: ProbeArguments, _ units: Range<Int>) {
    for unit in units {
      switch a.kind {
      case .multiplyAdd: a.sink[unit] = chains(a.count, a.source[0])
      case .read: a.sink[unit] = readSum(a.source + unit * a.count, a.count)
      }
    }
  }

  private static func chains(_ rounds: Int, _ start: Float) -> Float {
    let (x, y) = (splat(start), splat(0.999_999))
    var (s0, s1, s2, s3, s4, s5) = (x, x, x, x, x, x)
    var (s6, s7, s8, s9, s10, s11) = (x, x, x, x, x, x)
    for _ in 0..<rounds {
      s0 = multiplyAdd(s0, y, x)
      s1 = multiplyAdd(s1, y, x)
      s2 = multiplyAdd(s2, y, x)
      s3 = multiplyAdd(s3, y, x)
      s4 = multiplyAdd(s4, y, x)
      s5 = multiplyAdd(s5, y, x)
      s6 = multiplyAdd(s6, y, x)
      s7 = multiplyAdd(s7, y, x)
      s8 = multiplyAdd(s8, y, x)
      s9 = multiplyAdd(s9, y, x)
      s10 = multiplyAdd(s10, y, x)
      s11 = multiplyAdd(s11, y, x)
    }
    return total(((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) + ((s8 + s9) + (s10 + s11)))
  }

  /// Whole groups of four vectors only. Asks ahead as `skinnyLinear` does: without, some machines read more slowly than
  /// the kernels that are measured against this.
  private static func readSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
    var i = 0
    while i + 4 * lanes <= count {
      facet_prefetch(x + i + prefetchDistance)
      s0 += load(x, i)
      facet_prefetch(x + i + prefetchDistance + lanes)
      s1 += load(x, i + lanes)
      facet_prefetch(x + i + prefetchDistance + 2 * lanes)
      s2 += load(x, i + 2 * lanes)
      facet_prefetch(x + i + prefetchDistance + 3 * lanes)
      s3 += load(x, i + 3 * lanes)
      i += 4 * lanes
    }
    return total((s0 + s1) + (s2 + s3))
  }
}
