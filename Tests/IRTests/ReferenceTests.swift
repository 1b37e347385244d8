import Foundation
import IR
import Ops
import TestSupport
import Testing

/// The reference interpreter against numbers worked out by hand or published.
@Suite struct ReferenceTests {
  static func evaluate(_ op: any FacetOp, _ operands: Tensor...) throws
    -> ReferenceInterpreter.Evaluation
  {
    try ReferenceInterpreter.evaluate(
      op.opCase, operands, results: try op.resultTypes(operands.map(\.type)))
  }

  static func expect(
    _ actual: Tensor, _ expected: [Double], absolute: Double = 1e-12,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let comparison = compare(
      actual, to: Tensor(actual.type, expected), Tolerance(absolute: absolute, relative: absolute))
    #expect(comparison.passes, "\(comparison)", sourceLocation: location)
  }

  /// Known answers published with the generator (Random123, kat_vectors).
  @Test func philoxGivesThePublishedAnswers() {
    #expect(
      Philox.block(counter: (0, 0, 0, 0), key: (0, 0)) == [
        0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8,
      ])
    let ones = UInt32.max
    #expect(
      Philox.block(counter: (ones, ones, ones, ones), key: (ones, ones))
        == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    #expect(
      Philox.block(
        counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: (0xa409_3822, 0x299f_31d0))
        == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  @Test func dropoutKeepsItsShareAndScale() throws {
    let x = Tensor(.f32(10_000), filledWith: 1)
    let key = Tensor(.i32(2), integers: [7, 3])
    let y = try Self.evaluate(Dropout(rate: 0.25, stream: 2), x, key).results[0]
    let kept = y.reals.filter { $0 != 0 }
    #expect(abs(Double(kept.count) - 7500) < 200)
    #expect(kept.allSatisfy { abs($0 - 4.0 / 3) < 1e-12 })
    let other = try Self.evaluate(Dropout(rate: 0.25, stream: 3), x, key).results[0]
    #expect(other != y)
    let labels = Tensor(.i32(10_000), filledWith: 4)
    let replaced = try Self.evaluate(DropLabels(rate: 0.25, replacement: 9, stream: 2), labels, key)
      .results[0]
    #expect(zip(replaced.integers, y.reals).allSatisfy { ($0 == 9) == ($1 == 0) })
  }

  @Test func nearestCodePrefersTheLowestOfEqual() throws {
    let z = Tensor(.f32(2, 2), [0, 0, 1, 0.9])
    let e = Tensor(.f32(4, 2), [1, 0, 0, 1, -1, 0, 1, 1])
    #expect(try Self.evaluate(NearestCode(), z, e).results[0].integers == [0, 3])
  }

  @Test func perturbedCodesAreThoseOfNeighbours() throws {
    // Entries on a line, with a gap: 2 has the neighbours 1 and 3 (equally far) and 0; 4 is far from all.
    let e = Tensor(.f32(5, 1), [0, 1, 2, 3, 100])
    let key = Tensor(.i32(2), integers: [7, 3])
    func drawn(_ code: Int, images: Float = 1, share: Double = 1, nearest: Int) throws -> Set<Int> {
      let op = PerturbCodes(images: images, nearest: nearest, stream: 5)
      let codes = Tensor(.i32(8, 50), filledWith: Double(code))
      return Set(try Self.evaluate(op, codes, e, .scalar(share), key).results[0].integers)
    }
    #expect(try drawn(2, nearest: 1) == [1])
    #expect(try drawn(2, nearest: 2) == [1, 3])
    #expect(try drawn(2, nearest: 3) == [0, 1, 3])
    #expect(try drawn(4, nearest: 1) == [3])
    #expect(try drawn(2, share: 0.5, nearest: 1) == [1, 2])
    #expect(try drawn(2, share: 0, nearest: 1) == [2])
    #expect(try drawn(2, images: 0, nearest: 1) == [2])
    #expect(throws: OpError.self) {
      try PerturbCodes(images: 1, nearest: 5, stream: 5).resultTypes([.i32(8, 50), e.type, .f32(), .i32(2)])
    }
  }

  @Test func displacedImagesComeBackWhereTheyWere() throws {
    let x = Tensor(.f32(40, 4, 4, 1), filledWith: 1)
    let key = Tensor(.i32(2), integers: [7, 3])
    func run(_ shift: Int, _ hole: Int, inverse: Bool = false, _ x: Tensor) throws -> Tensor {
      try Self.evaluate(DisplaceImages(shift: shift, hole: hole, stream: 5, inverse: inverse), x, key).results[0]
    }
    #expect(try run(0, 0, x) == x)
    // What stays in the picture comes back; a pixel that left it is lost.
    let there = try run(1, 0, x)
    let back = try run(1, 0, inverse: true, there)
    let kept = back.reals.reduce(0, +)
    #expect(kept == there.reals.reduce(0, +) && kept < 640 && kept >= 40 * 9)
    #expect(try run(1, 0, back) == there)
    // A hole of four takes all of the middle and at least a quarter at a corner.
    let sums = stride(from: 0, to: 640, by: 16).map { start in
      (try? run(0, 4, x).reals[start..<start + 16].reduce(0, +)) ?? -1
    }
    #expect(sums.allSatisfy { $0 >= 0 && $0 <= 12 } && sums.contains(0) && Set(sums).count > 2)
    #expect(throws: OpError.self) { try DisplaceImages(shift: 4, hole: 0, stream: 5).resultTypes([x.type, .i32(2)]) }
  }

  @Test func convolutionPadsEachSideByItsOwnWidth() throws {
    let x = Tensor(.f32(1, 3, 3, 1), [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let w = Tensor(.f32(1, 2, 2, 1), [1, 10, 100, 1000])
    let op = Conv2D(stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1))
    Self.expect(try Self.evaluate(op, x, w).results[0], [5421, 603, 87, 9])
    let shifted = Conv2D(stride: 2, padding: Padding(top: 1, left: 0, bottom: 0, right: 0))
    Self.expect(try Self.evaluate(shifted, x, w).results[0], [2100, 8754])
  }

  /// Each with `upsample` is what it is without, beside the op of that name.
  @Test func convolutionsUpsampleLikeTheOp() throws {
    var random = RandomTensors(seed: 8)
    let (x, w, dy) = (
      random.tensor(.f32(2, 3, 2, 2), .signed), random.tensor(.f32(3, 3, 2, 2), .signed),
      random.tensor(.f32(2, 5, 4, 3), .signed)
    )
    let padding = Padding(top: 0, left: 1, bottom: 1, right: 0)
    let large = try Self.evaluate(Upsample(), x).results[0]
    #expect(
      try Self.evaluate(Conv2D(padding: padding, upsample: true), x, w).results[0]
        == Self.evaluate(Conv2D(padding: padding), large, w).results[0])
    let sums = try Self.evaluate(
      UpsampleGradient(),
      Self.evaluate(Conv2DInputGradient(stride: 1, padding: padding, size: [6, 4]), dy, w).results[0])
    #expect(
      try Self.evaluate(Conv2DInputGradient(stride: 1, padding: padding, size: [3, 2], upsample: true), dy, w)
        .results[0] == sums.results[0])
    #expect(
      try Self.evaluate(Conv2DWeightGradient(stride: 1, padding: padding, kernel: [3, 2], upsample: true), x, dy)
        .results[0]
        == Self.evaluate(Conv2DWeightGradient(stride: 1, padding: padding, kernel: [3, 2]), large, dy).results[0])
  }

  @Test func causalAttentionLooksBackFromTheEnd() throws {
    // Equal logits: each query sees the mean of the values before it; the last query is aligned with the last key.
    let q = Tensor(.f32(1, 2, 1, 1), filledWith: 0)
    let k = Tensor(.f32(1, 3, 1, 1), [1, 2, 3])
    let v = Tensor(.f32(1, 3, 1, 1), [3, 6, 12])
    let results = try Self.evaluate(Attention(scale: 1, causal: true), q, k, v).results
    Self.expect(results[0], [4.5, 7])
    Self.expect(results[1], [log(2), log(3)])
  }

  @Test func jointAttentionIsThatOfItsParts() throws {
    var random = RandomTensors(seed: 9)
    let parts = (0..<3).map { _ in random.tensor(.f32(2, 3, 1, 2, 5), .signed) }
    let joint = try Self.evaluate(Concat(axis: 2), parts[0], parts[1], parts[2]).results[0]
    let separate = try parts.map { try Self.evaluate(Reshape([2, 3, 2, 5]), $0).results[0] }
    let op = Attention(scale: 0.5, causal: true)
    let expected = try Self.evaluate(op, separate[0], separate[1], separate[2]).results
    #expect(try Self.evaluate(op, joint).results == expected)
    let gradient = AttentionGradient(scale: 0.5, causal: true)
    let dO = random.tensor(.f32(2, 3, 2, 5), .signed)
    let wanted = try Self.evaluate(gradient, separate[0], separate[1], separate[2], expected[0], expected[1], dO)
    let found = try Self.evaluate(gradient, joint, expected[0], expected[1], dO).results[0]
    for index in 0..<3 {
      let slice = try Self.evaluate(Slice(axis: 2, start: index, end: index + 1), found).results[0]
      #expect(slice.reals == wanted.results[index].reals)
    }
  }

  @Test func rotaryTurnsAdjacentPairs() throws {
    let x = Tensor(.f32(1, 1, 1, 4), [1, 2, 3, 4])
    let table = Tensor(.f32(2, 2, 2), [0, 0, 0, 0, 0.6, 0.8, 0, 1])
    let start = Tensor.scalar(integer: 1)
    Self.expect(
      try Self.evaluate(Rotary(), x, table, start).results[0], [0.6 - 1.6, 1.2 + 0.8, -4, 3])
    Self.expect(try Self.evaluate(Rotary(), x, table).results[0], [0, 0, 0, 0])
    Self.expect(
      try Self.evaluate(Rotary(inverse: true), x, table, start).results[0],
      [0.6 + 1.6, 1.2 - 0.8, 4, -3])
    #expect(throws: ReferenceError.self) {
      try Self.evaluate(Rotary(), x, table, .scalar(integer: 2))
    }
    let joint = Tensor(.f32(1, 1, 3, 1, 4), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    Self.expect(
      try Self.evaluate(Rotary(), joint, table, start).results[0],
      [0.6 - 1.6, 1.2 + 0.8, -4, 3, 3 - 4.8, 3.6 + 4, -8, 7, 9, 10, 11, 12])
  }

  @Test func rotaryTableTurnsByRowThenColumn() {
    let table = rotaryTable(.f32(5, 4, 2), grid: 2, base: 100)
    // Position 1 + (row 1, column 0): pairs 0 and 1 turn by 1 and 0.1, pairs 2 and 3 do not.
    let row = Array(table.reals[3 * 8..<4 * 8])
    Self.expect(Tensor(.f32(8), row), [cos(1), sin(1), cos(0.1), sin(0.1), 1, 0, 1, 0])
    let first = table.reals[..<8]
    #expect(first.allSatisfy { $0 == 0 })
  }

  @Test func adamTakesItsFirstStepByTheRate() throws {
    // The bias corrections cancel at step 1: the direction is the sign of the gradient.
    let op = Adam(beta1: 0.9, beta2: 0.95, epsilon: 0, weightDecay: 0.5)
    let zero = Tensor(.f32(2), filledWith: 0)
    let updates = try Self.evaluate(
      op, Tensor(.f32(2), [1, -2]), zero, zero, Tensor(.f32(2), [3, -4]), .scalar(0.1),
      .scalar(0.5),
      .scalar(integer: 0)
    ).updates
    Self.expect(try #require(updates[0]), [1 - 0.1 * (0.5 + 1), -2 - 0.1 * (-1 - 1)])
    Self.expect(try #require(updates[1]), [0.15, -0.2], absolute: 1e-7)
    Self.expect(try #require(updates[2]), [0.05 * 2.25, 0.05 * 4], absolute: 1e-7)
  }

  @Test func learningRateWarmsUpThenFollowsItsSchedule() throws {
    func rate(_ kind: ScheduleKind, _ step: Int, warmup: Int = 4) throws -> Double {
      let op = LearningRate(kind: kind, base: 2, warmup: warmup, total: 12, final: 0.25)
      return try Self.evaluate(op, .scalar(integer: step)).results[0].reals[0]
    }
    let constant = try [0, 1, 3, 4, 100].map { try rate(.constant, $0) }
    #expect(constant == [0.5, 1, 2, 2, 2])
    let cosine = try [0, 3, 4, 8, 12, 20].map { try rate(.cosine, $0) }
    #expect(cosine == [0.5, 2, 2, 1.25, 0.5, 0.5])
    #expect(try rate(.constant, 0, warmup: 0) == 2)
  }

  @Test func schedulesGoFromOneLevelToTheOther() throws {
    func value(_ shape: ScheduleShape, _ step: Int, span: Int = 4) throws -> Double {
      let op = Schedule(shape, from: 1, to: 3, start: 10, span: span)
      return try Self.evaluate(op, .scalar(integer: step)).results[0].reals[0]
    }
    #expect(try [0, 9, 10, 50].map { try value(.step, $0) } == [1, 1, 3, 3])
    #expect(try [9, 10, 11, 14, 50].map { try value(.linear, $0) } == [1, 1, 1.5, 3, 3])
    #expect(try [9, 10, 12, 14, 50].map { try value(.cosine, $0) } == [1, 1, 2, 3, 3])
    #expect(try [6, 10, 11, 14, 15].map { try value(.every, $0) } == [1, 3, 1, 3, 1])
    #expect(try [9, 10].map { try value(.linear, $0, span: 0) } == [1, 3])
  }

  @Test func normsUseTheBiasedVariance() throws {
    let gamma = Tensor(.f32(2), filledWith: 1)
    let beta = Tensor(.f32(2), [0, 5])
    let x = Tensor(.f32(1, 2, 2), [1, 3, 5, 7])
    let results = try Self.evaluate(GroupNorm(groups: 1, epsilon: 0), x, gamma, beta).results
    let deviation = 5.0.squareRoot()
    Self.expect(results[0], [-3 / deviation, -1 / deviation + 5, 1 / deviation, 3 / deviation + 5])
    Self.expect(results[1], [4])
    Self.expect(results[2], [1 / deviation])
    Self.expect(try Self.evaluate(LayerNorm(epsilon: 0), x, gamma, beta).results[1], [2, 6])
    Self.expect(
      try Self.evaluate(RMSNorm(epsilon: 0), x, gamma).results[1],
      [1 / deviation, 1 / 37.0.squareRoot()])
  }

  @Test func geluIsExact() {
    // Values of x * Phi(x) to 10 digits.
    #expect(abs(ReferenceInterpreter.apply(.gelu, 1) - 0.8413447461) < 1e-10)
    #expect(abs(ReferenceInterpreter.apply(.gelu, -2) + 0.0455002639) < 1e-10)
  }

  @Test func entropyLossOfCertainAndUniformAssignments() throws {
    // Every row certain of its own entry: no entropy per row, log K on average.
    let e = Tensor(.f32(3, 1), [0, 100, 200])
    let certain = try Self.evaluate(EntropyLoss(temperature: 1), e, e).results[0].reals[0]
    #expect(abs(certain + 3 * (1.0 / 3) * -log(1.0 / 3 + 1e-5)) < 1e-12)
    // All entries equal: log K per row and on average, so that only the offset remains.
    let equal = Tensor(.f32(3, 1), filledWith: 1)
    let uniform = try Self.evaluate(EntropyLoss(temperature: 1), e, equal).results[0].reals[0]
    #expect(abs(uniform - (log(3) + log(1.0 / 3 + 1e-5))) < 1e-12)
  }

  @Test func indicesOutOfRangeAreErrors() throws {
    let table = Tensor(.f32(3, 2), filledWith: 0)
    #expect(throws: ReferenceError.self) {
      try Self.evaluate(Embedding(), table, Tensor(.i32(1), integers: [3]))
    }
    #expect(throws: ReferenceError.self) {
      try Self.evaluate(CrossEntropy(), table, Tensor(.i32(3), integers: [0, -1, 1]))
    }
  }

  @Test func comparisonNamesTheWorstElement() {
    let expected = Tensor(.f32(2, 2), [1, 2, 3, 4])
    let actual = Tensor(.f32(2, 2), [1, 2.01, 3.1, 4])
    let comparison = compare(actual, to: expected, Tolerance(absolute: 0.01, relative: 0.01))
    #expect(!comparison.passes && comparison.index == [1, 0] && comparison.actual == 3.1)
    #expect(compare(actual, to: expected, Tolerance(absolute: 0.1, relative: 0.01)).passes)
    let missing = Tensor(.f32(2, 2), [1, .nan, 3, 4])
    #expect(!compare(missing, to: expected, Tolerance(absolute: 10, relative: 10)).passes)
    #expect(
      !compare(Tensor(.f32(4), filledWith: 0), to: expected, Tolerance(absolute: 10, relative: 10))
        .passes)
  }
}
