import Foundation
import KernelInterface
import Runtime
import Testing

/// How the units of a call are handed out.
enum UnitOrder: CaseIterable {
  /// One call for all units.
  case whole
  /// One call for each unit, last first.
  case singlesBackwards
  /// Three uneven ranges, the middle one first.
  case thirds

  func ranges(_ count: Int) -> [Range<Int>] {
    switch self {
    case .whole: return [0..<count]
    case .singlesBackwards: return (0..<count).reversed().map { $0..<$0 + 1 }
    case .thirds:
      let (a, b) = (count / 3, count - count / 4)
      return [a..<b, b..<count, 0..<a].filter { !$0.isEmpty }
    }
  }
}

/// Runs the calls of a plan on one instruction set and returns the outputs.
///
/// - Parameter plan: makes the calls, given the outputs and the workspace.
func run(
  _ set: InstructionSet, outputs counts: [Int], workspace byteCount: Int, order: UnitOrder,
  plan: ([FloatOutput], UnsafeMutableRawPointer) -> [MatrixCall]
) -> [[Float]] {
  let kernels = KernelSelection(set).kernels
  let outputs = counts.map { GuardedBuffer<Float>(count: $0) }
  let workspace = GuardedBuffer<Float>(count: byteCount / 4, alignment: 16)
  for call in plan(outputs.map(\.pointer), UnsafeMutableRawPointer(workspace.pointer)) {
    let scratch = GuardedBuffer<Float>(count: Partition.ceil(call.arguments.scratchByteCount, 4), alignment: 16)
    for range in order.ranges(call.arguments.unitCount) {
      kernels.run(call, range, UnsafeMutableRawPointer(scratch.pointer))
    }
    #expect(scratch.canaryIsIntact && workspace.canaryIsIntact, "\(set): written before the start of scratch memory")
  }
  let intact = outputs.allSatisfy { $0.canaryIsIntact }
  #expect(intact, "\(set): written before the start of a result")
  return outputs.map(\.values)
}

/// Runs a plan with every order of units, expects the same bits from all, and returns the outputs.
func runAllOrders(
  _ set: InstructionSet, outputs counts: [Int], workspace byteCount: Int,
  sourceLocation: SourceLocation = #_sourceLocation,
  plan: ([FloatOutput], UnsafeMutableRawPointer) -> [MatrixCall]
) -> [[Float]] {
  let first = run(set, outputs: counts, workspace: byteCount, order: .whole, plan: plan)
  for order in UnitOrder.allCases.dropFirst() {
    let other = run(set, outputs: counts, workspace: byteCount, order: order, plan: plan)
    let same = first.map { $0.map(\.bitPattern) } == other.map { $0.map(\.bitPattern) }
    #expect(same, "\(set), \(order): the split of units changes bits", sourceLocation: sourceLocation)
  }
  return first
}

/// Expects `got` within `terms`-fold rounding of `expected`: a sum of K products carries an error of about
/// sqrt(K) eps sum|a b|, and `magnitude` is that sum of absolute products; 4 leaves room for the order of summation.
func expectClose(
  _ got: [Float], _ expected: [Double], magnitude: [Double], terms: Int, slack: Double = 4, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(got.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  let factor = slack * Double(max(1, terms)).squareRoot() * Double(Float.ulpOfOne)
  var worst = (excess: 0.0, index: 0)
  for i in expected.indices {
    let difference = abs(Double(got[i]) - expected[i])
    let excess = difference.isNaN ? .infinity : difference / (factor * magnitude[i] + 1e-7)
    if excess > worst.excess { worst = (excess, i) }
  }
  #expect(
    worst.excess <= 1,
    "\(what): element \(worst.index) is \(got[worst.index]), not \(expected[worst.index]) (\(worst.excess) tolerances)",
    sourceLocation: sourceLocation)
}

extension [Float] {
  var doubles: [Double] { map(Double.init) }
  var magnitudes: [Double] { map { Double(abs($0)) } }
}
