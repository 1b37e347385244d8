// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  /// Sum of exp(x - peak); stores the exponentials where `y` is given.
  @inline(always)
  private static func exponentialSum(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>?, _ count: Int, _ peak: Float
  ) -> Float {
    var sums = Vector()
    var tail: Float = 0
    forVectors(0..<count) {
      let e = exponential(load(x, $0) - peak)
      if let y { store(e, y, $0) }
      sums += e
    } partial: { start, left in
      let e = exponential(loadPartial(x + start, left) - peak)
      if let y { storePartial(e, y + start, left) }
      for lane in 0..<left { tail += e[lane] }
    }
    return total(sums) + tail
  }

  public static func softmax(_ a: SoftmaxArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.width)) {
      let (x, y) = (a.x + row * a.width, a.y + row * a.width)
      let factor = 1 / exponentialSum(x, y, a.width, rowMaximum(x, a.width))
      for i in 0..<a.width { y[i] *= factor }
    }
  }

  public static func softmaxGradient(_ a: SoftmaxGradientArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.width)) {
      let (y, dy, dx) = (a.y + row * a.width, a.dy + row * a.width, a.dx + row * a.width)
      let mean = dot(y, dy, a.width)
      for i in 0..<a.width { dx[i] = y[i] * (dy[i] - mean) }
    }
  }

  public static func crossEntropy(_ a: CrossEntropyArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.width)) {
      let x = a.logits + row * a.width
      let peak = rowMaximum(x, a.width)
      let lse = peak + logarithm(splat(exponentialSum(x, nil, a.width, peak)))[0]
      a.lse[row] = lse
      a.losses[row] = lse - x[min(a.width - 1, max(0, Int(a.targets[row])))]
    }
  }

  public static func crossEntropyGradient(_ a: CrossEntropyGradientArguments, _ units: Range<Int>) {
    let factor = a.gradient[0] / Float(a.rows)
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.width)) {
      let (x, dx) = (a.logits + row * a.width, a.dx + row * a.width)
      let lse = a.lse[row]
      forVectors(0..<a.width) {
        store(exponential(load(x, $0) - lse) * factor, dx, $0)
      } partial: {
        storePartial(exponential(loadPartial(x + $0, $1) - lse) * factor, dx + $0, $1)
      }
      dx[min(a.width - 1, max(0, Int(a.targets[row])))] -= factor
    }
  }
}
