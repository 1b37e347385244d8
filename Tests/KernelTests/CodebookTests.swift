import KernelInterface
import KernelReference
import Runtime
import Testing

/// Search for the nearest entry, and the entropy loss.
@Suite struct CodebookTests {
  /// Rows, entries, width: fewer entries than a vector, not a multiple of one, more rows than a unit or chunk holds.
  static let shapes = [(1, 1, 1), (5, 3, 2), (33, 17, 5), (100, 64, 8), (7, 300, 33), (260, 129, 4)]

  private func unitRows(_ rows: Int, _ width: Int, _ numbers: inout Samples) -> [Float] {
    var x = numbers.normal(rows * width)
    for row in 0..<rows {
      let range = row * width..<(row + 1) * width
      let norm = max(x[range].reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-3)
      for i in range { x[i] /= norm }
    }
    return x
  }

  private func packed(_ s: TensorSession, _ entries: [Float], _ size: Int, _ width: Int) -> FloatInput {
    let packed = s.workspace(PackCodebookArguments.byteCount(size: size, width: width) / 4)
    s.run(PackCodebookArguments(entries: s.input(entries), packed: packed, size: size, width: width)) {
      s.kernels.packCodebook($0, $1)
    }
    return FloatInput(packed)
  }

  private func nearest(_ set: InstructionSet, _ label: String, _ z: [Float], _ entries: [Float], _ width: Int) {
    let (rows, size) = (z.count / width, entries.count / width)
    expectMatch(set, label, .exact) { s in
      let a = NearestCodeArguments(
        z: s.input(z), packed: packed(s, entries, size, width), indices: s.indexOutput(rows), rows: rows, size: size,
        width: width)
      s.run(a) { s.kernels.nearestCode($0, $1) }
    }
  }

  @Test(arguments: KernelSelection.available)
  func nearestCode(_ set: InstructionSet) {
    for (rows, size, width) in Self.shapes {
      var numbers = Samples(size)
      let entries = unitRows(size, width, &numbers)
      nearest(
        set, "nearest of \(size) entries of \(width)", unitRows(rows, width, &numbers), entries, width)
      nearest(set, "every entry finds itself", width == 1 ? [entries[0]] : entries, entries, width)
    }
  }

  @Test(arguments: KernelSelection.available)
  func quantization(_ set: InstructionSet) {
    for (rows, size, width) in Self.shapes {
      var numbers = Samples(size)
      let (entries, z) = (unitRows(size, width, &numbers), unitRows(rows, width, &numbers))
      expectMatch(set, "\(rows) rows of \(width) quantized") { s in
        let outputs = QuantizationOutputs(
          entries: s.input(entries), passed: s.output(rows * width), difference: s.output(rows * width),
          errors: s.output(rows))
        let a = NearestCodeArguments(
          z: s.input(z), packed: packed(s, entries, size, width), indices: s.indexOutput(rows), outputs: outputs,
          rows: rows, size: size, width: width)
        s.run(a) { s.kernels.nearestCode($0, $1) }
      }
    }
  }

  /// Equal entries, and entries at exactly equal distances on a grid of whole numbers: the lowest index is nearest.
  @Test(arguments: KernelSelection.available)
  func tiesGoToTheLowestIndex(_ set: InstructionSet) {
    for (rows, size, width) in [(40, 50, 3), (64, 200, 2), (9, 31, 8)] {
      var numbers = Samples(size)
      func grid(_ count: Int) -> [Float] { (0..<count).map { _ in Float(Int(numbers.next() % 3)) - 1 } }
      let entries = grid(size * width)
      nearest(set, "\(size) entries on a grid", grid(rows * width), entries, width)
      // The same point far apart, so in different lanes and blocks.
      let repeated = [Float](repeating: 0.5, count: size * width)
      nearest(set, "\(size) equal entries", grid(rows * width), repeated, width)
    }
  }

  @Test(arguments: KernelSelection.available, [Float(1), 0.1, 0.01])
  func entropyLoss(_ set: InstructionSet, temperature: Float) {
    for (rows, size, width) in Self.shapes {
      var numbers = Samples(rows)
      let (z, entries) = (unitRows(rows, width, &numbers), unitRows(size, width, &numbers))
      let (chunks, padded) = (EntropyRowsArguments.chunks(rows: rows), EntropyRowsArguments.padded(size))
      // Distances up to 4 carry a rounding of 4 eps, which the temperature divides.
      let tolerance = Tolerance(relative: 4e-6 + 5e-7 / temperature, absolute: 4e-6 + 1e-6 / temperature)
      expectMatch(set, "entropy loss of \(rows) x \(size) x \(width) at \(temperature)", tolerance) { s in
        let sums = s.output(chunks * padded)
        let entropies = s.output(rows)
        s.run(
          EntropyRowsArguments(
            z: s.input(z), packed: packed(s, entries, size, width), lse: s.output(rows), entropies: entropies,
            sums: sums, rows: rows, size: size, width: width, temperature: temperature)
        ) { s.kernels.entropyRows($0, $1, $2) }
        s.run(
          EntropyFinishArguments(
            sums: FloatInput(sums), entropies: FloatInput(entropies), average: s.output(size), loss: s.output(1),
            rows: rows, size: size)
        ) { s.kernels.entropyFinish($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available, [Float(1), 0.1, 0.01])
  func entropyGradient(_ set: InstructionSet, temperature: Float) {
    for (rows, size, width) in Self.shapes {
      var numbers = Samples(width)
      let (z, entries) = (unitRows(rows, width, &numbers), unitRows(size, width, &numbers))
      let (average, lse) = saved(z, entries, rows, size, width, temperature)
      let (chunks, padded) = (EntropyRowsArguments.chunks(rows: rows), EntropyRowsArguments.padded(size))
      let scale = 1 / temperature
      let tolerance = Tolerance(relative: 1e-5 + 1e-6 * scale, absolute: (3e-6 + 4e-7 * scale) * scale)
      expectMatch(set, "entropy gradient of \(rows) x \(size) x \(width) at \(temperature)", tolerance) { s in
        let sums = s.output(chunks * (width + 1) * padded)
        s.run(
          EntropyGradientArguments(
            z: s.input(z), packed: packed(s, entries, size, width), average: s.input(average), lse: s.input(lse),
            gradient: s.input([0.5]), dz: s.output(z.count), sums: sums, rows: rows, size: size, width: width,
            temperature: temperature)
        ) { s.kernels.entropyGradient($0, $1, $2) }
        s.run(
          EntropyEntriesArguments(
            sums: FloatInput(sums), entries: s.input(entries), de: s.output(entries.count), chunks: chunks, size: size,
            width: width)
        ) { s.kernels.entropyEntries($0, $1) }
      }
    }
  }

  /// What the forward pass saves, from the reference.
  private func saved(
    _ z: [Float], _ entries: [Float], _ rows: Int, _ size: Int, _ width: Int, _ temperature: Float
  ) -> (average: [Float], lse: [Float]) {
    let s = TensorSession(TensorReference.self, .whole)
    let (lse, average) = (s.output(rows), s.output(size))
    let sums = s.workspace(EntropyRowsArguments.chunks(rows: rows) * EntropyRowsArguments.padded(size))
    let entropies = s.workspace(rows)
    s.run(
      EntropyRowsArguments(
        z: s.input(z), packed: packed(s, entries, size, width), lse: lse, entropies: entropies, sums: sums, rows: rows,
        size: size, width: width, temperature: temperature)
    ) { s.kernels.entropyRows($0, $1, $2) }
    s.run(
      EntropyFinishArguments(
        sums: FloatInput(sums), entropies: FloatInput(entropies), average: average, loss: s.workspace(1), rows: rows,
        size: size)
    ) { s.kernels.entropyFinish($0, $1) }
    return (s.results[1], s.results[0])
  }
}
