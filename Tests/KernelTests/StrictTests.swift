import KernelInterface
import KernelReference
import Runtime
import Testing

/// Products whose sums are f64.
@Suite struct StrictTests {
  static let convolutions = ConvolutionTests.shapes.filter {
    !ConvolutionArguments.isNarrow(outputChannels: $0.outputChannels)
  }

  /// A result is the true one, rounded once, and so the same on all processors.
  private func expectRounded(_ got: [[Float]], _ exact: [Double], _ magnitude: [Double], _ what: String) {
    for results in got {
      #expect(results.map(\.bitPattern) == got[0].map(\.bitPattern), "\(what): instruction sets differ")
    }
    for (index, (value, truth)) in zip(got[0], exact).enumerated() {
      let bound = Double(value.ulp) / 2 + 1e-14 * magnitude[index]
      guard abs(Double(value) - truth) > bound else { continue }
      Issue.record("\(what): element \(index) is \(value), not \(truth)")
      return
    }
  }

  @Test(arguments: convolutions) func convolutionsAreRoundedOnce(_ shape: ConvolutionPlan) {
    var plan = shape
    plan.precision = .strict
    #expect(plan.winogradMultiplyAdds == nil && !plan.roundsOperands)
    var numbers = Samples(21)
    let (x, w) = (numbers.uniform(plan.xCount), numbers.uniform(plan.wCount))
    let (image, weights) = (GuardedBuffer(x), GuardedBuffer(w))
    let got = KernelSelection.available.map { set in
      runAllOrders(set, outputs: [plan.yCount], workspace: plan.workspaceByteCount) {
        plan.calls(x: image.pointer, w: weights.pointer, y: $0[0], workspace: $1)
      }[0]
    }
    expectRounded(
      got, Reference.convolution(plan, x: x.doubles, w: w.doubles),
      Reference.convolution(plan, x: x.magnitudes, w: w.magnitudes), "\(plan)")
  }

  static let products = [
    ProductPlan(m: 57, n: 95, k: 31, transposeA: true, precision: .strict),
    ProductPlan(m: 29, n: 45, k: 256, transposeB: true, precision: .strict),
    ProductPlan(m: 114, n: 67, k: 500, precision: .strict),
    ProductPlan(m: 19, n: 9, k: 21, batch: 3, precision: .strict),
  ]

  @Test(arguments: products) func productsAreRoundedOnce(_ plan: ProductPlan) {
    var numbers = Samples(22)
    let a = numbers.uniform(plan.batch * plan.m * plan.k)
    let b = numbers.uniform(plan.batch * plan.k * plan.n)
    let (left, right) = (GuardedBuffer(a), GuardedBuffer(b))
    let got = KernelSelection.available.map { set in
      runAllOrders(set, outputs: [plan.batch * plan.m * plan.n], workspace: plan.workspaceByteCount) {
        plan.calls(a: left.pointer, b: right.pointer, c: $0[0], workspace: $1)
      }[0]
    }
    expectRounded(
      got, Reference.product(plan, a: a.doubles, b: b.doubles),
      Reference.product(plan, a: a.magnitudes, b: b.magnitudes), "\(plan)")
  }
}
