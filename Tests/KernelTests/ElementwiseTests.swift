import KernelInterface
import KernelReference
import Runtime
import Testing

@Suite struct ElementwiseTests {
  static let counts = [1, 7, 33, 64, 127, Partition.elementwise, 2 * Partition.elementwise + 13]
  static let unaryFunctions: [UnaryKernel] = [
    .negate, .absolute, .square, .sqrt, .rsqrt, .reciprocal, .exp, .log, .relu, .sigmoid, .tanh, .silu, .gelu,
  ]
  static let binaryFunctions: [BinaryKernel] = [
    .add, .subtract, .multiply, .divide, .minimum, .maximum, .siluGradient, .geluGradient, .reluGradient,
    .absoluteGradient,
  ]

  @Test(arguments: KernelSelection.available)
  func unary(_ set: InstructionSet) {
    for function in Self.unaryFunctions {
      for count in Self.counts {
        var numbers = Samples(count)
        let positive = [.sqrt, .rsqrt, .log].contains(function)
        let x = positive ? numbers.uniform(count, 0.01...9) : numbers.normal(count, scale: 3)
        expectMatch(set, "\(function) of \(count)") { s in
          let a = UnaryArguments(x: s.input(x), y: s.output(count), count: count, function: function)
          s.run(a) { s.kernels.unary($0, $1) }
        }
        expectMatch(set, "\(function) in place") { s in
          let y = s.updated(x)
          s.run(UnaryArguments(x: FloatInput(y), y: y, count: count, function: function)) { s.kernels.unary($0, $1) }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func affine(_ set: InstructionSet) {
    for count in Self.counts {
      var numbers = Samples(count)
      let x = numbers.normal(count)
      expectMatch(set, "affine of \(count)") { s in
        let a = AffineArguments(x: s.input(x), y: s.output(count), count: count, scale: -1.7, offset: 0.3)
        s.run(a) { s.kernels.affine($0, $1) }
      }
      expectMatch(set, "fill of \(count)", .exact) { s in
        s.run(FillArguments(target: s.output(count), count: count, value: 2.5)) { s.kernels.fill($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func binaryOfEqualSizes(_ set: InstructionSet) {
    for function in Self.binaryFunctions {
      for count in Self.counts {
        var numbers = Samples(count)
        let x = numbers.normal(count, scale: 2)
        let y = numbers.normal(count).map { $0 + ($0 < 0 ? -0.1 : 0.1) }
        expectMatch(set, "\(function) of \(count)") { s in
          let a = BinaryArguments(
            x: s.input(x), y: s.input(y), z: s.output(count), count: count, inner: count, function: function)
          s.run(a) { s.kernels.binary($0, $1) }
        }
        expectMatch(set, "\(function) over the second operand") { s in
          let z = s.updated(y)
          let a = BinaryArguments(
            x: s.input(x), y: FloatInput(z), z: z, count: count, inner: count, function: function)
          s.run(a) { s.kernels.binary($0, $1) }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func binaryRepeatsTheSecondOperand(_ set: InstructionSet) {
    for inner in [1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 100, 1031] {
      for outer in [1, 2, 37, 16 * 1024 / inner + 3] {
        var numbers = Samples(inner)
        let (x, y) = (numbers.normal(outer * inner), numbers.uniform(inner, 0.5...2))
        for function in [BinaryKernel.subtract, .divide] {
          expectMatch(set, "\(function) of \(outer) x \(inner)") { s in
            let z = s.updated(x)
            let a = BinaryArguments(
              x: FloatInput(z), y: s.input(y), z: z, count: x.count, inner: inner, function: function)
            s.run(a) { s.kernels.binary($0, $1) }
          }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func extremesKeepNaN(_ set: InstructionSet) {
    let (x, y): ([Float], [Float]) = ([.nan, 1, 2, .nan, -.infinity], [1, .nan, 3, .nan, .infinity])
    for function in [BinaryKernel.minimum, .maximum] {
      let s = TensorSession(KernelSelection(set).kernels, .whole)
      let a = BinaryArguments(x: s.input(x), y: s.input(y), z: s.output(5), count: 5, inner: 5, function: function)
      s.run(a) { s.kernels.binary($0, $1) }
      let z = s.results[0]
      #expect(z[0].isNaN && z[1].isNaN && z[3].isNaN && z[2] == (function == .minimum ? 2 : 3))
      #expect(z[4] == (function == .minimum ? -.infinity : .infinity))
    }
  }
}
