import KernelInterface
import KernelReference
import Runtime
import Testing

/// Softmax and cross-entropy.
@Suite struct SoftmaxTests {
  static let shapes = [(1, 1), (3, 2), (5, 15), (4, 16), (2, 33), (700, 40), (3, 1000), (2, 16385)]

  /// Logits of every size: small, large, one that dominates, all equal.
  private func logits(_ rows: Int, _ width: Int) -> [Float] {
    var numbers = Samples(rows &* 31 &+ width)
    var x = numbers.normal(rows * width, scale: 3)
    for row in 0..<rows {
      switch row % 4 {
      case 1: for i in 0..<width { x[row * width + i] += 5000 }
      case 2: x[row * width + width / 2] = 200
      case 3: for i in 0..<width { x[row * width + i] = -7 }
      default: break
      }
    }
    return x
  }

  @Test(arguments: KernelSelection.available)
  func softmax(_ set: InstructionSet) {
    for (rows, width) in Self.shapes {
      let x = logits(rows, width)
      expectMatch(set, "softmax of \(rows) x \(width)", Tolerance(relative: 5e-6, absolute: 1e-9)) { s in
        s.run(SoftmaxArguments(x: s.input(x), y: s.output(x.count), rows: rows, width: width)) {
          s.kernels.softmax($0, $1)
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func softmaxGradient(_ set: InstructionSet) {
    for (rows, width) in Self.shapes {
      var numbers = Samples(width)
      let dy = numbers.normal(rows * width)
      let y = numbers.uniform(rows * width, 0...1).map { $0 / Float(width) }
      expectMatch(set, "gradient of softmax of \(rows) x \(width)", Tolerance(relative: 2e-6, absolute: 1e-6)) { s in
        let a = SoftmaxGradientArguments(
          y: s.input(y), dy: s.input(dy), dx: s.output(dy.count), rows: rows, width: width)
        s.run(a) { s.kernels.softmaxGradient($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func crossEntropy(_ set: InstructionSet) {
    for (rows, width) in Self.shapes {
      let x = logits(rows, width)
      var numbers = Samples(width)
      var targets = numbers.indices(rows, below: width)
      // Targets outside of the row are clamped to it.
      if rows > 2 { (targets[0], targets[1]) = (-3, Int32(width) + 5) }
      expectMatch(set, "cross-entropy of \(rows) x \(width)", Tolerance(relative: 1e-6, absolute: 1e-5)) { s in
        // Logits of 5000 leave a loss with the rounding of 5000.
        let a = CrossEntropyArguments(
          logits: s.input(x.map { min($0, 300) }), targets: s.indices(targets), losses: s.output(rows),
          lse: s.output(rows), rows: rows, width: width)
        s.run(a) { s.kernels.crossEntropy($0, $1) }
      }
      expectMatch(set, "loss at large logits", Tolerance(relative: 1e-6, absolute: 1e-3)) { s in
        let a = CrossEntropyArguments(
          logits: s.input(x), targets: s.indices(targets), losses: s.output(rows), lse: s.output(rows), rows: rows,
          width: width)
        s.run(a) { s.kernels.crossEntropy($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func crossEntropyGradient(_ set: InstructionSet) {
    for (rows, width) in Self.shapes {
      var numbers = Samples(rows)
      let x = numbers.normal(rows * width)
      let targets = numbers.indices(rows, below: width)
      let lse = numbers.uniform(rows, 1...3)
      expectMatch(set, "gradient of cross-entropy of \(rows) x \(width)", Tolerance(relative: 2e-6, absolute: 1e-7)) {
        s in
        let a = CrossEntropyGradientArguments(
          logits: s.input(x), targets: s.indices(targets), lse: s.input(lse), gradient: s.input([0.7]),
          dx: s.output(x.count), rows: rows, width: width)
        s.run(a) { s.kernels.crossEntropyGradient($0, $1) }
      }
    }
  }
}
