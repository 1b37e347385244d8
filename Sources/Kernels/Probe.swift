// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

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

  /// Whole groups of eight vectors only.
  private static func readSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
    var i = 0
    while i + 8 * lanes <= count {
      s0 += load(x, i)
      s1 += load(x, i + lanes)
      s2 += load(x, i + 2 * lanes)
      s3 += load(x, i + 3 * lanes)
      s0 += load(x, i + 4 * lanes)
      s1 += load(x, i + 5 * lanes)
      s2 += load(x, i + 6 * lanes)
      s3 += load(x, i + 7 * lanes)
      i += 8 * lanes
    }
    return total((s0 + s1) + (s2 + s3))
  }
}
