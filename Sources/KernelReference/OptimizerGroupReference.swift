import KernelInterface

extension TensorReference {
  /// Clipping, then one update and one moving average per parameter.
  public static func adamGroup(_ a: AdamGroupArguments, _ units: Range<Int>) {
    var scale = a.scale[0]
    if a.clip > 0 { scale = min(1, Float(Double(a.clip) / (Double(scale) + 1e-6))) }
    withUnsafePointer(to: scale) { scale in
      for index in 0..<a.count {
        let entry = a.entries[index]
        adam(
          AdamArguments(
            parameter: entry.parameter, moment1: entry.moment1, moment2: entry.moment2, gradient: entry.gradient,
            rate: a.rate, scale: scale, step: a.step, count: entry.count, beta1: a.beta1, beta2: a.beta2,
            epsilon: a.epsilon, weightDecay: entry.weightDecay), 0..<entry.unitCount)
        guard let average = entry.average else { continue }
        movingAverage(
          MovingAverageArguments(
            average: average, source: FloatInput(entry.parameter), count: entry.count, decay: a.average),
          0..<entry.unitCount)
      }
    }
  }

  /// One sum per unit of every tensor.
  public static func squaredSumGroup(_ a: SquaredSumGroupArguments, _ units: Range<Int>) {
    for index in 0..<a.count {
      let entry = a.entries[index]
      let sum = SquaredSumArguments(x: entry.x, partial: a.partial + entry.firstUnit, count: entry.count)
      squaredSum(sum, 0..<sum.unitCount)
    }
  }
}
