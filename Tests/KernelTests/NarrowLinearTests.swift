import KernelInterface
import KernelReference
import Runtime
import Testing

/// Linear layers whose weights are stored as bf16 or i8.
@Suite struct NarrowLinearTests {
  /// Weights as stored, and what they stand for.
  private struct Weights {
    let values: [Double]
    let bytes: GuardedBuffer<UInt8>
    let scales: GuardedBuffer<Float>?

    init(_ storage: NarrowStorage, n: Int, k: Int, _ numbers: inout Samples) {
      let floats = numbers.uniform(n * k)
      let stored: [UInt8]
      switch storage {
      case .bf16:
        let bits = floats.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) }
        stored = bits.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        values = bits.map { Double(Float(bitPattern: UInt32($0) << 16)) }
        scales = nil
      case .i8:
        let integers = floats.map { Int8($0 * 127) }
        stored = integers.map { UInt8(bitPattern: $0) }
        let factors = numbers.uniform(n)
        values = integers.enumerated().map { Double($1) * Double(factors[$0 / k]) }
        scales = GuardedBuffer(factors)
      }
      bytes = GuardedBuffer(stored, canary: 0xa5)
    }

    var pointer: UnsafeRawPointer { UnsafeRawPointer(bytes.pointer) }
  }

  static let shapes: [(m: Int, n: Int, k: Int)] = [
    (1, 1, 1), (1, 37, 64), (2, 34, 65), (2, 8, 1024), (3, 70, 19), (5, 33, 130), (8, 65, 256), (32, 5, 67),
    (33, 40, 70),
  ]

  @Test(arguments: KernelSelection.available, shapes)
  func matchesReference(_ set: InstructionSet, _ shape: (m: Int, n: Int, k: Int)) {
    let (m, n, k) = shape
    for storage in [NarrowStorage.bf16, .i8] {
      var numbers = Samples(m * 1000 + n)
      let x = numbers.uniform(m * k)
      let (bias, residual) = (numbers.uniform(n), numbers.uniform(m * n))
      let weights = Weights(storage, n: n, k: k, &numbers)
      let inputs = [x, bias, residual].map { GuardedBuffer($0) }
      let plan = NarrowProductPlan(m: m, n: n, k: k, storage: storage)
      let product = ProductPlan(m: m, n: n, k: k, transposeB: true)
      let expected = Reference.product(product, a: x.doubles, b: weights.values)
      let magnitude = Reference.product(product, a: x.magnitudes, b: weights.values.map(abs))
      let plain = runAllOrders(set, outputs: [m * n], workspace: plan.workspaceByteCount) {
        plan.calls(x: inputs[0].pointer, w: weights.pointer, scales: weights.scales?.pointer, y: $0[0], workspace: $1)
      }
      expectClose(plain[0], expected, magnitude: magnitude, terms: k, "\(set) \(storage) \(shape)")
      let fused = runAllOrders(set, outputs: [m * n], workspace: plan.workspaceByteCount) {
        plan.calls(
          x: inputs[0].pointer, w: weights.pointer, scales: weights.scales?.pointer, y: $0[0],
          bias: inputs[1].pointer, activation: .silu, residual: inputs[2].pointer, workspace: $1)
      }
      expectClose(
        fused[0],
        Reference.epilogue(expected, bias: bias.doubles, activation: .silu, residual: residual.doubles),
        magnitude: magnitude.map { 1.2 * $0 + 2 }, terms: k, "\(set) \(storage) \(shape) with an epilogue")
    }
  }

  /// Generation one row at a time must give what a batch of rows gives.
  @Test(arguments: KernelSelection.available)
  func aRowDoesNotDependOnItsCompany(_ set: InstructionSet) {
    let (n, k) = (35, 331)
    for storage in [NarrowStorage.bf16, .i8] {
      var numbers = Samples(3)
      let x = GuardedBuffer(numbers.uniform(7 * k))
      let weights = Weights(storage, n: n, k: k, &numbers)
      func rows(_ first: Int, _ count: Int) -> [Float] {
        let plan = NarrowProductPlan(m: count, n: n, k: k, storage: storage)
        return run(set, outputs: [count * n], workspace: 0, order: .whole) {
          plan.calls(
            x: x.pointer + first * k, w: weights.pointer, scales: weights.scales?.pointer, y: $0[0], workspace: $1)
        }[0]
      }
      let together = rows(0, 7)
      for row in 0..<7 {
        #expect(rows(row, 1) == Array(together[row * n..<(row + 1) * n]), "\(set) \(storage), row \(row)")
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func picksRowsAndClampsIndices(_ set: InstructionSet) {
    let (rows, width) = (9, 37)
    let wanted: [Int32] = [3, 0, 8, 99, -4]
    for storage in [NarrowStorage.bf16, .i8] {
      var numbers = Samples(5)
      let weights = Weights(storage, n: rows, k: width, &numbers)
      let expected = [3, 0, 8, 8, 0].flatMap { weights.values[$0 * width..<($0 + 1) * width] }
      wanted.withUnsafeBufferPointer { indices in
        let got = runAllOrders(set, outputs: [wanted.count * width], workspace: 0) { outputs, _ in
          guard let base = indices.baseAddress else { return [] }
          return [
            .widen(
              WidenArguments(
                w: weights.pointer, storage: storage, scales: weights.scales?.pointer, indices: base, y: outputs[0],
                rows: rows, count: wanted.count, width: width))
          ]
        }
        #expect(got[0] == expected.map { Float($0) }, "\(set) \(storage)")
      }
    }
  }
}
