import KernelInterface
import KernelReference
import Runtime
import Testing

/// Updates of parameters and the schedule of the learning rate.
@Suite struct OptimizerTests {
  @Test(arguments: KernelSelection.available, [Float(0), 0.05])
  func adam(_ set: InstructionSet, weightDecay: Float) {
    for (count, step) in [(1, 0), (7, 1), (33, 10), (16_400, 999), (50, 2_000_000)] {
      var numbers = Samples(count)
      let (p, g) = (numbers.normal(count), numbers.normal(count, scale: 0.1))
      let (m, v) = (numbers.normal(count, scale: 0.01), numbers.uniform(count, 0...0.01))
      expectMatch(set, "Adam step \(step) of \(count)", Tolerance(relative: 2e-6, absolute: 2e-7)) { s in
        let a = AdamArguments(
          parameter: s.updated(p), moment1: s.updated(m), moment2: s.updated(v), gradient: s.input(g),
          rate: s.input([0.003]), scale: s.input([0.8]), step: s.indices([Int32(step)]), count: count, beta1: 0.9,
          beta2: 0.95, epsilon: 1e-8, weightDecay: weightDecay)
        s.run(a) { s.kernels.adam($0, $1) }
      }
    }
  }

  /// The first step moves every parameter by the learning rate against the sign of its gradient.
  @Test(arguments: KernelSelection.available)
  func firstAdamStepHasTheLengthOfTheRate(_ set: InstructionSet) {
    let s = TensorSession(KernelSelection(set).kernels, .whole)
    let zeros = [Float](repeating: 0, count: 40)
    let gradient = (0..<40).map { $0 % 2 == 0 ? Float($0 + 1) : -1e-3 }
    let a = AdamArguments(
      parameter: s.updated(zeros), moment1: s.updated(zeros), moment2: s.updated(zeros), gradient: s.input(gradient),
      rate: s.input([0.25]), scale: s.input([1]), step: s.indices([0]), count: 40, beta1: 0.9, beta2: 0.999,
      epsilon: 1e-8, weightDecay: 0)
    s.run(a) { s.kernels.adam($0, $1) }
    for (index, parameter) in s.results[0].enumerated() {
      #expect(abs(parameter - (index % 2 == 0 ? -0.25 : 0.25)) < 1e-4)
    }
  }

  @Test(arguments: KernelSelection.available)
  func movingAverage(_ set: InstructionSet) {
    for count in [1, 15, 16, 33, 20_001] {
      for decay: Float in [0, 0.5, 0.9999, 1] {
        var numbers = Samples(count)
        let (average, source) = (numbers.normal(count), numbers.normal(count))
        expectMatch(set, "average of \(count) at \(decay)", Tolerance(relative: 1e-6, absolute: 3e-7)) { s in
          let a = MovingAverageArguments(
            average: s.updated(average), source: s.input(source), count: count, decay: decay)
          s.run(a) { s.kernels.movingAverage($0, $1) }
        }
      }
    }
  }

  /// Several parameters in one call: with and without clipping and averages, sizes below and above a unit.
  @Test(arguments: KernelSelection.available, [Float(0), 0.5])
  func adamGroup(_ set: InstructionSet, clip: Float) {
    let counts = [7, 33_000, 1, 16_384, 100]
    for norm: Float in [0.1, 3] {
      var numbers = Samples(5)
      let values = counts.map { count in (0..<4).map { _ in numbers.uniform(count, 0...0.1) } }
      expectMatch(set, "group at norm \(norm)", Tolerance(relative: 3e-6, absolute: 3e-7)) { s in
        var entries: [AdamEntry] = []
        var units = 0
        for (index, count) in counts.enumerated() {
          let entry = AdamEntry(
            parameter: s.updated(values[index][0]), moment1: s.updated(values[index][1]),
            moment2: s.updated(values[index][2]), average: clip > 0 ? s.updated(values[index][3]) : nil,
            gradient: s.input(values[index][3]), count: count, weightDecay: index % 2 == 0 ? 0.05 : 0,
            firstUnit: units)
          units += entry.unitCount
          entries.append(entry)
        }
        let sums = s.output(units)
        entries.withUnsafeBufferPointer { entries in
          guard let base = entries.baseAddress else { return }
          let a = AdamGroupArguments(
            entries: base, count: counts.count, rate: s.input([0.01]), scale: s.input([norm]), step: s.indices([4]),
            clip: clip, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, average: 0.9, unitCount: units)
          s.run(a) { s.kernels.adamGroup($0, $1) }
        }
        let squares = entries.map { SquaredSumEntry(x: $0.gradient, count: $0.count, firstUnit: $0.firstUnit) }
        squares.withUnsafeBufferPointer { entries in
          guard let base = entries.baseAddress else { return }
          let a = SquaredSumGroupArguments(entries: base, count: counts.count, partial: sums, unitCount: units)
          s.run(a) { s.kernels.squaredSumGroup($0, $1) }
        }
      }
    }
  }

  private func rate(_ set: InstructionSet, step: Int, warmup: Int, total: Int, cosine: Bool) -> Float {
    let s = TensorSession(KernelSelection(set).kernels, .whole)
    let a = LearningRateArguments(
      step: s.indices([Int32(step)]), rate: s.output(1), base: 0.1, warmup: warmup, total: total, final: 0.1,
      cosine: cosine)
    s.run(a) { s.kernels.learningRate($0, $1) }
    return s.results[0][0]
  }

  @Test(arguments: KernelSelection.available)
  func learningRate(_ set: InstructionSet) {
    for (warmup, total) in [(0, 100), (10, 100), (100, 100), (10, 10), (7, 0), (0, 1)] {
      for step in [0, 1, 6, 7, 9, 10, 50, 99, 100, 5000] {
        for cosine in [false, true] {
          expectMatch(set, "rate at \(step) of \(total), warm-up \(warmup)", Tolerance(relative: 1e-6, absolute: 1e-9))
          {
            s in
            let a = LearningRateArguments(
              step: s.indices([Int32(step)]), rate: s.output(1), base: 0.1, warmup: warmup, total: total, final: 0.1,
              cosine: cosine)
            s.run(a) { s.kernels.learningRate($0, $1) }
          }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func scheduleRisesThenFalls(_ set: InstructionSet) {
    func rate(_ step: Int) -> Float { self.rate(set, step: step, warmup: 4, total: 24, cosine: true) }
    #expect((0..<4).map(rate) == [0.025, 0.05, 0.075, 0.1])
    #expect(rate(4) == 0.1)
    #expect(abs(rate(14) - 0.055) < 1e-6)
    #expect(abs(rate(24) - 0.01) < 1e-7 && rate(1000) == rate(24))
    for step in 4..<23 { #expect(rate(step + 1) < rate(step)) }
    #expect(self.rate(set, step: 500, warmup: 4, total: 24, cosine: false) == 0.1)
  }

  @Test(arguments: KernelSelection.available)
  func counterCounts(_ set: InstructionSet) {
    for start: Int32 in [0, 41, .max] {
      expectMatch(set, "counter at \(start)", .exact) { s in
        s.run(IncrementArguments(counter: s.indexOutput([start]))) { s.kernels.increment($0, $1) }
      }
    }
  }
}
