import IR
import Ops
import TestSupport
import Testing

@testable import Runtime

/// Plans, kernels and threads together against the reference interpreter, on whole training steps of random programs.
@Suite(.serialized) struct RandomProgramRunTests {
  /// A pool has one caller at a time, so these tests run one after the other.
  static let pools = [ThreadPool(threadCount: 1), ThreadPool(threadCount: 2), ThreadPool(threadCount: 3)]

  @Test(arguments: 0..<300) func agreesWithTheReference(_ seed: Int) throws {
    let subject = try RandomProgram(seed: seed).trainingStep()
    let sets = KernelSelection.available
    let set = sets[seed % sets.count]
    let run = try RuntimeRun(
      subject.program, inputs: subject.inputs, symbols: subject.symbols, on: set, pool: Self.pools[0])
    let failures = try StepwiseComparison().run(run)
    let stepwise = run.results()
    #expect(failures.isEmpty, "\(set): \(failures.joined(separator: "\n"))\n\(ProgramPrinter().print(subject.program))")

    let again = try run.run()
    #expect(again.firstDifference(from: stepwise) == nil, "a second run differs")
    // More threads than processors are slow, so three are for a few.
    for pool in Self.pools[1..<(seed % 10 == 0 ? 3 : 2)] {
      let threaded = try RuntimeRun(
        subject.program, inputs: subject.inputs, symbols: subject.symbols, on: set, pool: pool)
      let difference = try threaded.run().firstDifference(from: stepwise)
      #expect(difference == nil, "\(difference ?? "") depends on the number of threads (\(pool.threadCount))")
    }
  }

  /// Single precision from end to end: small programs stay close to the reference in all they leave behind.
  @Test(arguments: 0..<60) func losesLittleFromEndToEnd(_ seed: Int) throws {
    let subject = try RandomProgram(seed: seed, operationCount: 3...8).trainingStep()
    var symbols = subject.symbols
    let outputs = try ReferenceInterpreter.run(subject.program, inputs: subject.inputs, symbols: &symbols)
    for set in KernelSelection.available {
      let results = try RuntimeRun(
        subject.program, inputs: subject.inputs, symbols: subject.symbols, on: set, pool: Self.pools[1]
      ).run()
      for name in ["loss", "norm"] {
        guard let expected = outputs[name], let found = results[name] else { continue }
        let comparison = compare(found, to: expected, TestSupport.Tolerance(absolute: 1e-5, relative: 1e-4))
        #expect(comparison.passes, "\(set), \(name): \(comparison)")
      }
    }
  }
}
