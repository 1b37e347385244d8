import Foundation
import KernelInterface
import KernelReference
import Runtime
import Testing

/// Accuracy of the elementary functions, measured through the unary kernel.
@Suite struct VectorMathTests {
  /// Results of a function on many values.
  private func apply(_ function: UnaryKernel, _ x: [Float], _ set: InstructionSet) -> [Float] {
    let session = TensorSession(KernelSelection(set).kernels, .whole)
    let a = UnaryArguments(x: session.input(x), y: session.output(x.count), count: x.count, function: function)
    session.run(a) { session.kernels.unary($0, $1) }
    return session.results[0]
  }

  /// The largest error in units of the last place of the exact result.
  private func worstUlp(_ function: UnaryKernel, _ x: [Float], _ set: InstructionSet) -> Double {
    let y = apply(function, x, set)
    var worst = 0.0
    for (x, y) in zip(x, y) {
      let exact = TensorReference.value(function, Double(x))
      worst = max(worst, abs(Double(y) - exact) / Double(Float(exact).ulp))
    }
    return worst
  }

  /// Values spread over a range evenly, and evenly in exponent around zero.
  private func spread(_ range: ClosedRange<Float>, count: Int = 100_000) -> [Float] {
    var numbers = Samples(5)
    let even = numbers.uniform(count, range)
    let small = (0..<count).map { _ in numbers.uniform() * exp2f(numbers.uniform(-30...0)) }
    return even + small.filter { range.contains($0) }
  }

  @Test(arguments: KernelSelection.available)
  func elementaryFunctionsAreAccurate(_ set: InstructionSet) {
    #expect(worstUlp(.exp, spread(-87...88.7), set) <= 1.1)
    #expect(worstUlp(.log, spread(1e-30...3), set) <= 1.6)
    #expect(worstUlp(.log, spread(0.9...1.1), set) <= 1.6)
    #expect(worstUlp(.log, spread(1e-3...1e30), set) <= 1.6)
    #expect(worstUlp(.tanh, spread(-12...12), set) <= 2.5)
    #expect(worstUlp(.sigmoid, spread(-80...30), set) <= 3)
    #expect(worstUlp(.silu, spread(-80...30), set) <= 3.6)
    #expect(worstUlp(.sqrt, spread(0...100), set) <= 0.5)
  }

  @Test(arguments: KernelSelection.available)
  func geluIsTheErrorFunctionForm(_ set: InstructionSet) {
    let x = spread(-12...12)
    for (x, y) in zip(x, apply(.gelu, x, set)) {
      let exact = TensorReference.value(.gelu, Double(x))
      #expect(abs(Double(y) - exact) <= 1.2e-7 * max(1, Double(x)) && abs(Double(y) - exact) <= 4e-6 * abs(exact))
    }
  }

  @Test(arguments: KernelSelection.available)
  func limitsAndNaNsFollowTheStandard(_ set: InstructionSet) {
    let infinity = Float.infinity
    let subnormal = Float.leastNonzeroMagnitude * 70_000
    #expect(apply(.exp, [-infinity, -200, 0, -0.0, 89, infinity], set) == [0, 0, 1, 1, infinity, infinity])
    let logs = apply(.log, [0, -0.0, 1, infinity, .leastNonzeroMagnitude, subnormal], set)
    #expect(logs[0...3] == [-infinity, -infinity, 0, infinity])
    #expect(abs(logs[4] - Float(-149 * M_LN2)) < 1e-5 && abs(logs[5] - logf(subnormal)) < 1e-5)
    #expect(apply(.tanh, [-infinity, -40, 0, 40, infinity], set) == [-1, -1, 0, 1, 1])
    #expect(apply(.sigmoid, [-infinity, -200, 0, 200, infinity], set) == [0, 0, 0.5, 1, 1])
    #expect(apply(.relu, [-1, -0.0, 2, infinity, -infinity], set) == [0, 0, 2, infinity, 0])
    for function in [UnaryKernel.exp, .log, .tanh, .sigmoid, .silu, .gelu, .relu, .absolute, .sqrt, .square] {
      let y = apply(function, [Float](repeating: .nan, count: 21), set)
      let kept = y.allSatisfy(\.isNaN)
      #expect(kept, "\(function) of NaN")
    }
    let invalid = apply(.log, [-1, -infinity, -subnormal], set).allSatisfy(\.isNaN)
    #expect(invalid)
  }
}
