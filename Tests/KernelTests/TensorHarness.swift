import Foundation
import KernelInterface
import KernelReference
import Runtime
import Testing

/// How the units of a kernel are handed out.
enum UnitSplit { case whole, apart }

/// One execution of some kernels: its buffers, the outputs in order of creation, and how units are split.
final class TensorSession {
  let kernels: any TensorKernels.Type
  private let split: UnitSplit
  private var floats: [GuardedBuffer<Float>] = []
  private var integers: [GuardedBuffer<Int32>] = []
  private var outputs: [() -> [Float]] = []
  private(set) var scratchOverrun = false

  init(_ kernels: any TensorKernels.Type, _ split: UnitSplit) {
    self.kernels = kernels
    self.split = split
  }

  private func floatBuffer(_ values: [Float]) -> GuardedBuffer<Float> {
    let buffer = GuardedBuffer(values, canary: Float.nan)
    floats.append(buffer)
    return buffer
  }

  func input(_ values: [Float]) -> FloatInput { FloatInput(floatBuffer(values).pointer) }

  func indices(_ values: [Int32]) -> IndexInput {
    let buffer = GuardedBuffer(values, canary: Int32.min)
    integers.append(buffer)
    return IndexInput(buffer.pointer)
  }

  /// A result, full of NaN before the kernel runs.
  func output(_ count: Int) -> FloatOutput { updated([Float](repeating: .nan, count: count)) }

  /// A result that starts from values.
  func updated(_ values: [Float]) -> FloatOutput {
    let buffer = floatBuffer(values)
    outputs.append { buffer.values }
    return buffer.pointer
  }

  func indexOutput(_ values: [Int32]) -> IndexOutput {
    let buffer = GuardedBuffer(values, canary: Int32.min)
    integers.append(buffer)
    outputs.append { buffer.values.map { Float($0) } }
    return buffer.pointer
  }

  func indexOutput(_ count: Int) -> IndexOutput { indexOutput([Int32](repeating: -7, count: count)) }

  /// Memory between two kernels whose content is private to a set.
  func workspace(_ count: Int) -> FloatOutput { floatBuffer([Float](repeating: .nan, count: count)).pointer }

  /// Runs all units, at once or each alone and last first with scratch full of NaN.
  func run<A: KernelArguments>(_ a: A, _ kernel: (A, Range<Int>, UnsafeMutableRawPointer) -> Void) {
    let size = a.scratchByteCount
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: 64)
    defer { scratch.deallocate() }
    func call(_ units: Range<Int>) {
      memset(scratch, 0xff, size + 64)
      kernel(a, units, scratch)
      for byte in size..<size + 64 where scratch.load(fromByteOffset: byte, as: UInt8.self) != 0xff {
        scratchOverrun = true
      }
    }
    switch split {
    case .whole: call(0..<a.unitCount)
    case .apart: for unit in (0..<a.unitCount).reversed() { call(unit..<unit + 1) }
    }
  }

  func run<A: KernelArguments>(_ a: A, _ kernel: (A, Range<Int>) -> Void) { run(a) { a, units, _ in kernel(a, units) } }

  var results: [[Float]] { outputs.map { $0() } }
  var guardsAreIntact: Bool {
    !scratchOverrun && floats.allSatisfy(\.canaryIsIntact) && integers.allSatisfy(\.canaryIsIntact)
  }
}

/// What may differ from the reference: |got - want| <= absolute + relative * |want|.
struct Tolerance {
  var relative: Float = 1e-6
  var absolute: Float = 1e-6

  static let exact = Tolerance(relative: 0, absolute: 0)
}

/// Runs a body on the reference and on one instruction set, whole and unit by unit; compares values and bits.
func expectMatch(
  _ set: InstructionSet, _ label: String, _ tolerance: Tolerance = Tolerance(),
  sourceLocation: SourceLocation = #_sourceLocation, _ body: (TensorSession) -> Void
) {
  let reference = TensorSession(TensorReference.self, .whole)
  body(reference)
  let whole = TensorSession(KernelSelection(set).kernels, .whole)
  body(whole)
  let apart = TensorSession(KernelSelection(set).kernels, .apart)
  body(apart)
  #expect(reference.guardsAreIntact, "\(label): the reference wrote out of bounds", sourceLocation: sourceLocation)
  #expect(whole.guardsAreIntact, "\(label): out of bounds", sourceLocation: sourceLocation)
  #expect(apart.guardsAreIntact, "\(label): out of bounds unit by unit", sourceLocation: sourceLocation)
  for (index, (want, got)) in zip(reference.results, whole.results).enumerated() {
    var worst: (excess: Float, place: Int) = (0, -1)
    for place in want.indices where want[place].bitPattern != got[place].bitPattern {
      if want[place].isNaN && got[place].isNaN { continue }
      let allowed = tolerance.absolute + tolerance.relative * abs(want[place])
      let error = abs(got[place] - want[place])
      // A NaN compares false and counts as infinitely wrong; equal infinities are equal bits.
      let excess = error <= allowed ? 0 : (error.isNaN || allowed == 0 ? .infinity : error / allowed)
      if excess > worst.excess { worst = (excess, place) }
    }
    #expect(
      worst.place < 0,
      """
      \(label): output \(index) at \(worst.place): \(got[max(0, worst.place)]), reference \
      \(want[max(0, worst.place)]), \(worst.excess) times the tolerance
      """, sourceLocation: sourceLocation)
  }
  for (index, (a, b)) in zip(whole.results, apart.results).enumerated() {
    #expect(
      a.map(\.bitPattern) == b.map(\.bitPattern), "\(label): output \(index) depends on the split of units",
      sourceLocation: sourceLocation)
  }
}

/// Reproducible test data.
struct Samples {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    // SplitMix64 (Steele, Lea and Flood, 2014).
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform(_ range: ClosedRange<Float> = -1...1) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * Float(next() >> 40) * 0x1p-24
  }

  /// Roughly normal numbers: a sum of four uniform ones, of variance 1.
  mutating func normal(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in
      let sum = uniform() + uniform() + uniform() + uniform()
      return sum * scale * 0.866
    }
  }

  mutating func uniform(_ count: Int, _ range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in uniform(range) }
  }

  mutating func indices(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32(next() % UInt64(bound)) }
  }
}
