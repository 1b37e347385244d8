// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func adamGroup(_ a: AdamGroupArguments, _ units: Range<Int>) {
    // In the order of the operations that this stands for.
    var scale = a.scale[0]
    if a.clip > 0 {
      let ratio = multiplyAdd(1 / (scale + 1e-6), a.clip, 0)
      scale = ratio < 1 ? ratio : 1
      if ratio != ratio { scale = ratio }
    }
    withUnsafePointer(to: scale) { scale in
      visit(units, count: a.count, firstUnit: { a.entries[$0].firstUnit }) { index, local in
        let entry = a.entries[index]
        let adam = AdamArguments(
          parameter: entry.parameter, moment1: entry.moment1, moment2: entry.moment2, gradient: entry.gradient,
          rate: a.rate, scale: scale, step: a.step, count: entry.count, beta1: a.beta1, beta2: a.beta2,
          epsilon: a.epsilon, weightDecay: entry.weightDecay)
        guard let average = entry.average else { return Self.adam(adam, local) }
        let moving = MovingAverageArguments(
          average: average, source: FloatInput(entry.parameter), count: entry.count, decay: a.average)
        // Unit by unit, while the parameters are in the cache.
        for unit in local {
          Self.adam(adam, unit..<unit + 1)
          movingAverage(moving, unit..<unit + 1)
        }
      }
    }
  }

  public static func squaredSumGroup(_ a: SquaredSumGroupArguments, _ units: Range<Int>) {
    visit(units, count: a.count, firstUnit: { a.entries[$0].firstUnit }) { index, local in
      let entry = a.entries[index]
      squaredSum(SquaredSumArguments(x: entry.x, partial: a.partial + entry.firstUnit, count: entry.count), local)
    }
  }

  /// Calls `body` with every entry that has units in a range, and those units counted from the entry's first.
  @inline(__always)
  private static func visit(
    _ units: Range<Int>, count: Int, firstUnit: (Int) -> Int, _ body: (_ entry: Int, _ units: Range<Int>) -> Void
  ) {
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if firstUnit(middle) <= units.lowerBound { low = middle } else { high = middle }
    }
    var unit = units.lowerBound
    while unit < units.upperBound {
      let end = low + 1 < count ? min(firstUnit(low + 1), units.upperBound) : units.upperBound
      body(low, unit - firstUnit(low)..<end - firstUnit(low))
      unit = end
      low += 1
    }
  }
}
