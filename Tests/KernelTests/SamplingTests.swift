import KernelInterface
import KernelReference
import Runtime
import Testing

/// Drawing an index from logits.
@Suite struct SamplingTests {
  private func arguments(
    _ s: TensorSession, _ logits: [Float], _ width: Int, _ settings: [Float], key: [Int32] = [3, 5], position: Int32 = 2
  ) -> SampleArguments {
    let rows = logits.count / width
    return SampleArguments(
      logits: s.input(logits), settings: s.input(settings), key: s.indices(key), position: s.indices([position]),
      result: s.indexOutput(rows), rows: rows, width: width, stream: 1)
  }

  @Test(arguments: KernelSelection.available)
  func matchesReference(_ set: InstructionSet) {
    let filters: [[Float]] = [
      [0, 0, 1], [1, 0, 1], [0.7, 0, 1], [1, 1, 1], [1, 5, 1], [2, 10_000, 1], [1, 0, 0.9], [1, 0, 0], [1.5, 20, 0.5],
      [1e-3, 0, 1], [1, 1e30, 1], [1, .infinity, 0.8], [1, .nan, 1],
    ]
    for (rows, width) in [(1, 1), (9, 5), (40, 33), (12, 1000)] {
      var numbers = Samples(width)
      let logits = numbers.normal(rows * width, scale: 2)
      for settings in filters {
        expectMatch(set, "\(rows) draws of \(width) with \(settings)", .exact) { s in
          s.run(arguments(s, logits, width, settings)) { s.kernels.sample($0, $1, $2) }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func greedyTakesTheFirstOfEqualLogits(_ set: InstructionSet) {
    for width in [2, 17, 64, 100] {
      var logits = [Float](repeating: -1, count: width)
      (logits[width - 1], logits[width / 2]) = (4, 4)
      let s = TensorSession(KernelSelection(set).kernels, .whole)
      s.run(arguments(s, logits, width, [0, 0, 1])) { s.kernels.sample($0, $1, $2) }
      #expect(s.results[0] == [Float(width / 2)])
    }
  }

  /// How often each index is drawn from 20,000 rows of the same logits.
  private func shares(_ set: InstructionSet, _ logits: [Float], _ settings: [Float]) -> [Double] {
    let rows = 20_000
    let s = TensorSession(KernelSelection(set).kernels, .whole)
    let all = (0..<rows).flatMap { _ in logits }
    s.run(arguments(s, all, logits.count, settings)) { s.kernels.sample($0, $1, $2) }
    var counts = [Int](repeating: 0, count: logits.count)
    for index in s.results[0] { counts[Int(index)] += 1 }
    return counts.map { Double($0) / Double(rows) }
  }

  /// Shares of draws against probabilities, within five standard deviations.
  private func expectShares(_ got: [Double], _ wanted: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
    for (share, p) in zip(got, wanted) {
      let deviation = (p * (1 - p) / 20_000).squareRoot()
      #expect(abs(share - p) <= 5 * deviation, "\(share), not \(p)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: KernelSelection.available)
  func drawsFollowTheDistribution(_ set: InstructionSet) {
    // Probabilities 0.5, 0.25, 0.125, 0.125 as logits.
    let logits: [Float] = [-2, -1, -3, -3].map { $0 * 0.693_147_2 }
    expectShares(shares(set, logits, [1, 0, 1]), [0.25, 0.5, 0.125, 0.125])
    // At temperature 1/2 probabilities are squared.
    expectShares(shares(set, logits, [0.5, 0, 1]), [4.0 / 22, 16.0 / 22, 1.0 / 22, 1.0 / 22])
    expectShares(shares(set, logits, [1, 2, 1]), [1.0 / 3, 2.0 / 3, 0, 0])
    expectShares(shares(set, logits, [1, 0, 0.7]), [1.0 / 3, 2.0 / 3, 0, 0])
    expectShares(shares(set, logits, [1, 2, 0.6]), [0, 1, 0, 0])
    expectShares(shares(set, logits, [1, 1, 1]), [0, 1, 0, 0])
  }

  @Test(arguments: KernelSelection.available)
  func drawsDependOnKeyAndPosition(_ set: InstructionSet) {
    var numbers = Samples(1)
    let logits = numbers.normal(64 * 100, scale: 0.1)
    func draw(_ key: [Int32], _ position: Int32) -> [Float] {
      let s = TensorSession(KernelSelection(set).kernels, .whole)
      s.run(arguments(s, logits, 100, [1, 0, 1], key: key, position: position)) { s.kernels.sample($0, $1, $2) }
      return s.results[0]
    }
    let draws = [draw([1, 0], 0), draw([2, 0], 0), draw([1, 1], 0), draw([1, 0], 1)]
    #expect(Set(draws).count == 4)
    #expect(draw([1, 0], 0) == draws[0])
  }
}
