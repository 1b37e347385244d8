import KernelInterface
import KernelReference
import Runtime
import Testing

/// Rotary positions, embeddings, dropout.
@Suite struct TokenTests {
  @Test(arguments: KernelSelection.available, [false, true])
  func rotary(_ set: InstructionSet, inverse: Bool) {
    for (batch, tokens, heads, depth, kept) in [
      (1, 1, 1, 2, 0), (2, 5, 3, 6, 0), (3, 7, 2, 16, 0), (2, 30, 5, 66, 0), (1, 65, 8, 64, 0), (2, 5, 4, 12, 24),
      (1, 65, 8, 64, 256),
    ] {
      for position: Int32? in [nil, 0, 2, 1000, -4] {
        var numbers = Samples(depth)
        let x = numbers.normal(batch * tokens * (heads * depth + kept))
        let table = numbers.uniform((tokens + 2) * depth, -1...1)
        let label = "rotary of \(batch) x \(tokens) x \(heads) x \(depth) from \(position.map(String.init) ?? "start")"
        expectMatch(set, label, Tolerance(relative: 1e-6, absolute: 4e-7)) { s in
          let a = RotaryArguments(
            x: s.input(x), table: s.input(table), position: position.map { s.indices([$0]) }, y: s.output(x.count),
            batch: batch, tokens: tokens, heads: heads, depth: depth, kept: kept, tableRows: tokens + 2,
            inverse: inverse)
          s.run(a) { s.kernels.rotary($0, $1) }
        }
      }
    }
  }

  /// Table rows, width, indices; some indices lie outside of the table and are clamped to it.
  static let tables = [(1, 1, 1), (3, 7, 5), (40, 33, 9), (100, 64, 700), (17, 130, 40)]

  private func indices(_ count: Int, _ rows: Int, _ numbers: inout Samples) -> [Int32] {
    var indices = numbers.indices(count, below: rows)
    if count > 2 { (indices[0], indices[1]) = (-1, Int32(rows)) }
    return indices
  }

  @Test(arguments: KernelSelection.available)
  func embedding(_ set: InstructionSet) {
    for (rows, width, count) in Self.tables {
      var numbers = Samples(rows)
      let table = numbers.normal(rows * width)
      let picked = indices(count, rows, &numbers)
      expectMatch(set, "\(count) of \(rows) rows of \(width)", .exact) { s in
        let a = EmbeddingArguments(
          table: s.input(table), indices: s.indices(picked), y: s.output(count * width), rows: rows, width: width,
          count: count)
        s.run(a) { s.kernels.embedding($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func embeddingGradient(_ set: InstructionSet) {
    for (rows, width, count) in Self.tables {
      var numbers = Samples(width)
      let dy = numbers.normal(count * width)
      let picked = indices(count, rows, &numbers)
      expectMatch(set, "gradient of \(count) of \(rows) rows of \(width)", Tolerance(relative: 2e-6, absolute: 2e-6)) {
        s in
        let a = EmbeddingGradientArguments(
          indices: s.indices(picked), dy: s.input(dy), table: s.output(rows * width), rows: rows, width: width,
          count: count)
        s.run(a) { s.kernels.embeddingGradient($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func dropout(_ set: InstructionSet) {
    for count in [1, 3, 4, 17, 1000, 16384, 40_003] {
      for rate: Float in [0, 0.1, 0.5, 0.999] {
        var numbers = Samples(count)
        let x = numbers.normal(count)
        expectMatch(set, "dropout of \(count) at \(rate)", Tolerance(relative: 2e-7, absolute: 0)) { s in
          let a = DropoutArguments(
            x: s.input(x), y: s.output(count), key: s.indices([-5, 77]), count: count, rate: rate, stream: 3)
          s.run(a) { s.kernels.dropout($0, $1) }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func dropoutKeepsItsShare(_ set: InstructionSet) {
    let count = 200_000
    func dropped(_ key: [Int32], _ stream: UInt32) -> [Bool] {
      let s = TensorSession(KernelSelection(set).kernels, .whole)
      let x = [Float](repeating: 1, count: count)
      let a = DropoutArguments(
        x: s.input(x), y: s.output(count), key: s.indices(key), count: count, rate: 0.3, stream: stream)
      s.run(a) { s.kernels.dropout($0, $1) }
      return s.results[0].map { $0 == 0 }
    }
    let draws = [dropped([1, 1], 0), dropped([1, 2], 0), dropped([2, 1], 0), dropped([1, 1], 1)]
    for draw in draws {
      // Five standard deviations of a binomial count.
      #expect(abs(draw.count(where: { $0 }) - 60_000) < 1030)
    }
    for (index, draw) in draws.enumerated() {
      for other in draws[(index + 1)...] {
        // Independent draws agree with probability 0.3^2 + 0.7^2.
        #expect(abs(zip(draw, other).count(where: { $0 == $1 }) - 116_000) < 1110)
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func dropLabels(_ set: InstructionSet) {
    for count in [1, 2, 5, 64, 777] {
      for rate: Float in [0, 0.1, 0.9, 1] {
        var numbers = Samples(count)
        let labels = numbers.indices(count, below: 10)
        expectMatch(set, "\(count) labels at \(rate)", .exact) { s in
          let a = DropLabelsArguments(
            labels: s.indices(labels), result: s.indexOutput(count), key: s.indices([9, 4]), count: count, rate: rate,
            replacement: 10, stream: 7)
          s.run(a) { s.kernels.dropLabels($0, $1) }
        }
      }
    }
  }

  /// The first words that the authors of Philox publish for it (Random123, known-answer tests of philox4x32-10).
  @Test func philoxGivesThePublishedNumbers() {
    let published: [(counter: [UInt32], key: [UInt32], words: [UInt32])] = [
      ([0, 0, 0, 0], [0, 0], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
      (
        [UInt32](repeating: .max, count: 4), [.max, .max], [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
      ),
      (
        [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0],
        [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
      ),
    ]
    for (counter, key, words) in published {
      #expect(TensorReference.philox(counter, key: key) == words)
      #expect(Philox.block(SIMD4(counter), key: SIMD2(key)) == SIMD4(words))
    }
  }
}
