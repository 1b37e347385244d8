import KernelInterface
import KernelReference
import Runtime
import Testing

@Suite struct ReductionTests {
  @Test(arguments: KernelSelection.available)
  func sums(_ set: InstructionSet) {
    for outer in [1, 3] {
      for rows in [1, 2, 7, 33, 301] {
        for inner in [1, 2, 7, 15, 16, 33, 64, 127, 130] {
          var numbers = Samples(rows)
          let x = numbers.normal(outer * rows * inner)
          expectMatch(set, "sum of \(outer) x \(rows) x \(inner)", Tolerance(absolute: 1e-7 * Float(rows).squareRoot()))
          { s in
            let a = ReduceArguments(
              x: s.input(x), y: s.output(outer * inner), outer: outer, rows: rows, inner: inner, limit: outer * rows,
              factor: 0.25)
            s.run(a) { s.kernels.reduce($0, $1) }
          }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func theLastPartMayBeShort(_ set: InstructionSet) {
    for inner in [1, 5, 40] {
      for limit in [22, 29, 30] {
        var numbers = Samples(limit)
        let x = numbers.normal(limit * inner)
        expectMatch(set, "\(limit) rows of \(inner) in parts of 10") { s in
          let a = ReduceArguments(
            x: s.input(x), y: s.output(3 * inner), outer: 3, rows: 10, inner: inner, limit: limit, factor: 1)
          s.run(a) { s.kernels.reduce($0, $1) }
        }
      }
    }
  }

  /// Errors must not grow with the length: a plain running sum of this many equal terms is off by parts in a thousand.
  @Test(arguments: KernelSelection.available)
  func longSumsStayAccurate(_ set: InstructionSet) {
    for inner in [1, 3, 33] {
      let rows = 3_000_000 / inner
      let x = [Float](repeating: 0.1, count: rows * inner)
      expectMatch(set, "long sum of width \(inner)", Tolerance(relative: 2e-6, absolute: 0)) { s in
        let a = ReduceArguments(
          x: s.input(x), y: s.output(inner), outer: 1, rows: rows, inner: inner, limit: rows, factor: 1)
        s.run(a) { s.kernels.reduce($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func norms(_ set: InstructionSet) {
    for count in [1, 33, 16384, 50_001] {
      var numbers = Samples(count)
      let x = numbers.normal(count)
      expectMatch(set, "norm of \(count)") { s in
        let units = Partition.ceil(count, Partition.elementwise)
        let partial = s.output(units)
        s.run(SquaredSumArguments(x: s.input(x), partial: partial, count: count)) { s.kernels.squaredSum($0, $1) }
        s.run(NormFinishArguments(partial: FloatInput(partial), count: units, norm: s.output(1))) {
          s.kernels.normFinish($0, $1)
        }
      }
    }
  }
}
