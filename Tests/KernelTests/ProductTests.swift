import KernelInterface
import KernelReference
import Runtime
import Testing

@Suite struct ProductTests {
  static let shapes: [ProductPlan] = [
    ProductPlan(m: 1, n: 1, k: 1),
    ProductPlan(m: 1, n: 37, k: 65, transposeB: true),
    ProductPlan(m: 3, n: 70, k: 19, transposeB: true),
    ProductPlan(m: 8, n: 33, k: 130, transposeB: true),
    ProductPlan(m: 9, n: 33, k: 130, transposeB: true),
    ProductPlan(m: 14, n: 32, k: 7),
    ProductPlan(m: 29, n: 45, k: 256, transposeB: true),
    ProductPlan(m: 113, n: 67, k: 515),
    ProductPlan(m: 57, n: 95, k: 31, transposeA: true),
    ProductPlan(m: 57, n: 95, k: 1030, transposeA: true, transposeB: true),
    ProductPlan(m: 13, n: 64, k: 1536, transposeA: true),
    ProductPlan(m: 130, n: 32, k: 90, transposeA: true),
    ProductPlan(m: 19, n: 9, k: 21, batch: 3),
    ProductPlan(m: 6, n: 5, k: 17, transposeB: true, batch: 5),
    ProductPlan(m: 15, n: 40, k: 18, transposeA: true, batch: 2),
  ]

  @Test(arguments: KernelSelection.available, shapes)
  func matchesReference(_ set: InstructionSet, _ plan: ProductPlan) {
    var numbers = Samples(plan.m * 1000 + plan.n)
    let a = numbers.uniform(plan.batch * plan.m * plan.k)
    let b = numbers.uniform(plan.batch * plan.k * plan.n)
    let (left, right) = (GuardedBuffer(a), GuardedBuffer(b))
    let got = runAllOrders(
      set, outputs: [plan.batch * plan.m * plan.n], workspace: plan.workspaceByteCount
    ) { plan.calls(a: left.pointer, b: right.pointer, c: $0[0], workspace: $1) }
    expectClose(
      got[0], Reference.product(plan, a: a.doubles, b: b.doubles),
      magnitude: Reference.product(plan, a: a.magnitudes, b: b.magnitudes), terms: plan.k, "\(set) \(plan)")
  }

  static let epilogues: [ProductPlan] = [ProductPrecision.f32, .strict].flatMap { precision in
    [
      ProductPlan(m: 5, n: 39, k: 40, transposeB: true, precision: precision),
      ProductPlan(m: 31, n: 39, k: 1100, transposeB: true, precision: precision),
      ProductPlan(m: 20, n: 64, k: 640, transposeA: true, precision: precision),
    ]
  }

  @Test(arguments: epilogues, [FusedActivation.none, .relu, .silu, .gelu])
  func fusesBiasActivationAndResidual(_ plan: ProductPlan, _ activation: FusedActivation) {
    var numbers = Samples(7)
    let a = numbers.uniform(plan.m * plan.k)
    let b = numbers.uniform(plan.k * plan.n)
    let bias = numbers.uniform(plan.n)
    let residual = numbers.uniform(plan.m * plan.n)
    let inputs = [a, b, bias, residual].map { GuardedBuffer($0) }
    let expected = Reference.epilogue(
      Reference.product(plan, a: a.doubles, b: b.doubles), bias: bias.doubles, activation: activation,
      residual: residual.doubles)
    // The slopes of the activations stay below 1.2.
    let magnitude = Reference.product(plan, a: a.magnitudes, b: b.magnitudes).map { 1.2 * $0 + 2 }
    for set in KernelSelection.available {
      let got = runAllOrders(set, outputs: [plan.m * plan.n], workspace: plan.workspaceByteCount) {
        plan.calls(
          a: inputs[0].pointer, b: inputs[1].pointer, c: $0[0], bias: inputs[2].pointer, activation: activation,
          residual: inputs[3].pointer, workspace: $1)
      }
      // Bias, activation and residual come in f32 after a strict sum, which is rounded once.
      let terms = plan.precision == .strict ? 1 : plan.k
      expectClose(got[0], expected, magnitude: magnitude, terms: terms, "\(set) \(activation) \(plan)")
    }
  }

  /// Generation one row at a time must give what a batch of rows gives.
  @Test func aSkinnyRowDoesNotDependOnItsCompany() {
    var numbers = Samples(3)
    let (n, k) = (35, 83)
    let (x, w) = (GuardedBuffer(numbers.uniform(7 * k)), GuardedBuffer(numbers.uniform(n * k)))
    for set in KernelSelection.available {
      let all = ProductPlan(m: 7, n: n, k: k, transposeB: true)
      let together = run(set, outputs: [7 * n], workspace: 0, order: .whole) {
        all.calls(a: x.pointer, b: w.pointer, c: $0[0], workspace: $1)
      }
      let one = ProductPlan(m: 1, n: n, k: k, transposeB: true)
      for row in 0..<7 {
        let alone = run(set, outputs: [n], workspace: 0, order: .whole) {
          one.calls(a: x.pointer + row * k, b: w.pointer, c: $0[0], workspace: $1)
        }
        #expect(alone[0] == Array(together[0][row * n..<(row + 1) * n]), "\(set), row \(row)")
      }
    }
  }
}
