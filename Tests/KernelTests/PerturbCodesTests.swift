import KernelInterface
import KernelReference
import Runtime
import Testing

/// Codes replaced by codes of near entries.
@Suite struct PerturbCodesTests {
  private struct Case {
    var images = 6
    var tokens = 11
    var size: Int
    var width: Int
    var share: Float = 0.6
    var disturbed: Float = 0.7
    var nearest: Int
  }

  private func run(_ s: TensorSession, _ c: Case, _ codes: [Int32], _ entries: [Float], key: [Int32] = [3, 77]) {
    let packed = s.workspace(PackCodebookArguments.byteCount(size: c.size, width: c.width) / 4)
    let table = s.input(entries)
    s.run(PackCodebookArguments(entries: table, packed: packed, size: c.size, width: c.width)) {
      s.kernels.packCodebook($0, $1)
    }
    let a = PerturbCodesArguments(
      codes: s.indices(codes), entries: table, packed: FloatInput(packed), share: s.input([c.share]),
      key: s.indices(key), result: s.indexOutput(codes.count), rows: codes.count, tokens: c.tokens, size: c.size,
      width: c.width, images: c.disturbed, nearest: c.nearest, stream: 9)
    s.run(a) { s.kernels.perturbCodes($0, $1, $2) }
  }

  @Test(arguments: KernelSelection.available)
  func matchesReference(_ set: InstructionSet) {
    let cases = [
      Case(images: 1, tokens: 1, size: 2, width: 1, share: 1, disturbed: 1, nearest: 1),
      Case(size: 3, width: 2, nearest: 2), Case(size: 17, width: 5, nearest: 16),
      Case(images: 40, tokens: 7, size: 300, width: 8, nearest: 100),
      Case(images: 3, tokens: 64, size: 129, width: 4, share: 1, disturbed: 1, nearest: 1),
      Case(size: 64, width: 33, share: 0.1, nearest: 5), Case(size: 9, width: 3, share: 0, disturbed: 1, nearest: 3),
      Case(size: 9, width: 3, share: 1, disturbed: 0, nearest: 3),
    ]
    for c in cases {
      var numbers = Samples(c.size)
      let codes = numbers.indices(c.images * c.tokens, below: c.size)
      let entries = numbers.normal(c.size * c.width)
      expectMatch(set, "\(c)", .exact) { s in run(s, c, codes, entries) }
    }
  }

  /// On a grid of whole numbers many entries are equally far, some equal: lower indices are nearer.
  @Test(arguments: KernelSelection.available)
  func tiesGoToTheLowestIndex(_ set: InstructionSet) {
    let c = Case(images: 5, tokens: 40, size: 70, width: 2, share: 1, disturbed: 1, nearest: 12)
    var numbers = Samples(4)
    let entries = (0..<c.size * c.width).map { _ in Float(Int(numbers.next() % 4)) }
    expectMatch(set, "a grid", .exact) { s in run(s, c, (0..<200).map { Int32($0 % c.size) }, entries) }
  }

  /// Codes of entries on a line: neighbours, images and codes are drawn as often as asked, never the code itself.
  @Test(arguments: KernelSelection.available)
  func drawsAreUniform(_ set: InstructionSet) {
    let c = Case(images: 2000, tokens: 20, size: 50, width: 1, share: 0.5, disturbed: 0.25, nearest: 4)
    let s = TensorSession(KernelSelection(set).kernels, .whole)
    let codes = [Int32](repeating: 20, count: c.images * c.tokens)
    run(s, c, codes, (0..<50).map { Float($0) })
    let drawn = s.results[0].map { Int($0) }
    let disturbed = (0..<c.images).filter { image in
      (0..<c.tokens).contains { drawn[image * c.tokens + $0] != 20 }
    }
    // All but 2^-20 of the disturbed images show it; five standard deviations are 97 images.
    #expect(abs(disturbed.count - 500) < 97, "\(disturbed.count)")
    let replaced = drawn.filter { $0 != 20 }
    #expect(abs(Double(replaced.count) / Double(20 * disturbed.count) - 0.5) < 0.026)
    for neighbour in [18, 19, 21, 22] {
      let share = Double(replaced.filter { $0 == neighbour }.count) / Double(replaced.count)
      #expect(abs(share - 0.25) < 0.031, "\(neighbour): \(share)")
    }
    #expect(Set(replaced) == [18, 19, 21, 22])
  }

  /// Distances that are no numbers leave the code as it is.
  @Test(arguments: KernelSelection.available)
  func brokenEntriesAreNotDrawn(_ set: InstructionSet) {
    let c = Case(size: 20, width: 2, share: 1, disturbed: 1, nearest: 7)
    let s = TensorSession(KernelSelection(set).kernels, .whole)
    let codes = (0..<66).map { Int32($0 % 20) }
    run(s, c, codes, [Float](repeating: .nan, count: 40))
    #expect(s.results[0] == codes.map { Float($0) })
  }
}
