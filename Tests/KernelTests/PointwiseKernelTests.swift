import KernelInterface
import KernelReference
import Runtime
import Testing

/// Chains of elementwise functions.
@Suite struct PointwiseKernelTests {
  /// (silu(a) * b - c) divided by 2 a + 1 plus |d|, with b repeated over rows and c a scalar: every kind of step and
  /// operand, a result that is written over an operand, sizes around tiles and units.
  @Test(arguments: KernelSelection.available, [false, true])
  func chain(_ set: InstructionSet, inPlace: Bool) {
    let steps: [PointwiseInstruction] = [
      .operand(0), .unary(.silu), .operand(1), .binary(.multiply), .operand(2), .binary(.subtract), .operand(0),
      .affine(scale: 2, offset: 5), .binary(.divide), .operand(3), .unary(.absolute), .binary(.add),
    ]
    for (rows, width) in [(1, 1), (3, 7), (5, 33), (2, 1024), (3, 1030), (70, 513)] {
      var numbers = Samples(width)
      let count = rows * width
      let (a, d) = (numbers.uniform(count, -2...2), numbers.normal(count))
      let (b, c) = (numbers.normal(width), numbers.normal(1))
      expectMatch(set, "chain over \(rows) x \(width)", Tolerance(relative: 4e-6, absolute: 4e-6)) { s in
        let y = inPlace ? s.updated(a) : s.output(count)
        let first = inPlace ? FloatInput(y) : s.input(a)
        let operands = [
          PointwiseOperand(base: first, inner: count), PointwiseOperand(base: s.input(b), inner: width),
          PointwiseOperand(base: s.input(c), inner: 1), PointwiseOperand(base: s.input(d), inner: count),
        ]
        operands.withUnsafeBufferPointer { operands in
          steps.withUnsafeBufferPointer { steps in
            guard let operands = operands.baseAddress, let first = steps.baseAddress else { return }
            let arguments = PointwiseArguments(
              operands: operands, steps: first, stepCount: steps.count, y: y, count: count, depth: 3)
            s.run(arguments) { s.kernels.pointwise($0, $1, $2) }
          }
        }
      }
    }
  }
}
