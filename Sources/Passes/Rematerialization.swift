// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Recomputes values of the forward half of a training step where its backward half needs them, instead of keeping
/// them in between.
///
/// A value is recomputed from values that are kept anyway, so nothing lives longer for it. The cheapest values, in
/// arithmetic per byte that is freed, come first. `Level` says how far down that list the pass goes.
public struct Rematerialization: Pass {
  public let name = "rematerialize"
  public let summary = "Recomputes values where the backward half needs them instead of keeping them."

  /// How much is recomputed.
  public enum Level: Hashable, Sendable {
    /// What costs little more than reading it again: norms and elementwise functions whose operands are kept anyway.
    case free
    /// Those, and so many of the values that cost products and convolutions, the cheapest per byte first.
    case values(Int)
  }

  /// How much is recomputed.
  public let level: Level

  /// Values of fewer bytes are not worth an operation.
  public let smallest: Int
  /// Fewer operations between two uses than this are no gap worth closing.
  public let shortest: Int

  /// The pass.
  public init(_ level: Level = .free, smallest: Int = 16 << 10, shortest: Int = 24) {
    self.level = level
    self.smallest = smallest
    self.shortest = shortest
  }

  public func run(on program: inout Program) -> Bool {
    let candidates = Candidates(program, smallest: smallest, shortest: shortest)
    let limit: Int
    if case .values(let count) = level { limit = count } else { limit = 0 }
    let chosen = candidates.choose(costly: limit)
    guard !chosen.isEmpty else { return false }
    var writer = Recomputation(program, candidates, chosen)
    program = writer.rewrite()
    return true
  }

  /// Number of values that can be recomputed beyond the free ones.
  public static func costlyValueCount(_ program: Program) -> Int {
    let pass = Rematerialization()
    return Candidates(program, smallest: pass.smallest, shortest: pass.shortest).costly.count
  }

  /// Arithmetic and bytes that recomputing adds to a step.
  public static func price(from before: Program, to after: Program) -> Cost {
    let (old, new) = (before.cost, after.cost)
    return Cost(flops: new.flops - old.flops, bytes: new.bytes - old.bytes)
  }
}

/// The values that could be recomputed.
struct Candidates {
  /// A value, the operation that makes it, and the first of the uses that recomputation would serve.
  struct Candidate {
    var value: ValueID
    var position: Int
    var lateUse: Int
    var flopsPerByte: Double
  }

  /// In order of definition.
  private(set) var free: [Candidate] = []
  /// The cheapest first. No two of them depend on each other.
  private(set) var costly: [Candidate] = []
  let producers: [Int]
  let users: [[Int]]

  init(_ program: Program, smallest: Int, shortest: Int) {
    var producers = [Int](repeating: -1, count: program.values.count)
    var users = [[Int]](repeating: [], count: program.values.count)
    for (position, operation) in program.operations.enumerated() {
      for operand in operation.operands where users[operand.index].last != position {
        users[operand.index].append(position)
      }
      for result in operation.results { producers[result.index] = position }
    }
    for port in program.outputs { users[port.value.index].append(program.operations.count) }
    self.producers = producers
    self.users = users
    let symbols = SymbolReads(program)

    var isChosen = Set<ValueID>()
    func isKept(_ value: ValueID, until end: Int) -> Bool {
      // Symbols are always there; that they have not changed is checked for the operation as a whole.
      program.symbol(of: value) != nil || (users[value.index].last ?? -1) >= end
    }
    var expensive: [Candidate] = []
    for (position, operation) in program.operations.enumerated() {
      guard let value = operation.results.first,
        let late = Self.lateUse(
          of: value, program, users, position, smallest: smallest, shortest: shortest)
      else {
        continue
      }
      guard symbols.areUnchanged(operation.operands, from: position, to: late),
        operation.results.dropFirst().allSatisfy({ program.type(of: $0).byteCount <= 4 * smallest })
      else { continue }
      let candidate = Candidate(
        value: value, position: position, lateUse: late,
        flopsPerByte: Double(operation.cost(in: program).flops) / Double(program.type(of: value).byteCount))
      switch Self.kind(operation, program) {
      case .free:
        let isPossible = operation.operands.allSatisfy { isChosen.contains($0) || isKept($0, until: late) }
        guard isPossible else { continue }
        isChosen.insert(value)
        free.append(candidate)
      case .costly: expensive.append(candidate)
      case .never: continue
      }
    }
    // A costly value needs its operands kept or free; so of two that follow each other only one is recomputed.
    var fixed = Set<ValueID>()
    var taken = Set<ValueID>()
    for candidate in expensive.sorted(by: { ($0.flopsPerByte, $0.position) < ($1.flopsPerByte, $1.position) }) {
      guard !fixed.contains(candidate.value) else { continue }
      var needed: [ValueID] = []
      var open = program.operations[candidate.position].operands
      var isPossible = true
      while let value = open.popLast() {
        if isChosen.contains(value) {
          open += program.operations[producers[value.index]].operands
        } else if taken.contains(value) || !isKept(value, until: candidate.lateUse) {
          isPossible = false
        } else {
          needed.append(value)
        }
      }
      guard isPossible else { continue }
      taken.insert(candidate.value)
      fixed.formUnion(needed)
      costly.append(candidate)
    }
  }

  /// What to recompute: all that is free, and so many of the costly values.
  func choose(costly count: Int) -> [Candidate] {
    (free + costly.prefix(count)).sorted { ($0.lateUse, $0.position) < ($1.lateUse, $1.position) }
  }

  private enum Kind { case free, costly, never }

  private static func kind(_ operation: Operation, _ program: Program) -> Kind {
    guard operation.op.mutatedOperands.isEmpty else { return .never }
    switch operation.opCase {
    case .groupNorm, .layerNorm, .rmsNorm, .unary, .affine, .binary, .pointwise, .l2Normalize, .dropout, .upsample:
      return .free
    // Weights side by side: they are always there.
    case .concat where operation.operands.allSatisfy({ program.symbol(of: $0) != nil }): return .free
    case .linear, .conv2D, .rotary, .concat, .slice, .transpose: return .costly
    default: return .never
    }
  }

  /// The first use after the longest gap between uses, if that gap leads from the forward half into the backward half.
  private static func lateUse(
    of value: ValueID, _ program: Program, _ users: [[Int]], _ position: Int, smallest: Int, shortest: Int
  ) -> Int? {
    guard program.type(of: value).byteCount >= smallest,
      users[value.index].last != program.operations.count
    else { return nil }
    var (last, best) = (position, (gap: shortest, use: Int?.none))
    for use in users[value.index] {
      if use - last > best.gap { best = (use - last, use) }
      last = use
    }
    return best.use
  }
}

/// Writes the program that recomputes the chosen values.
private struct Recomputation {
  private var program: Program
  private let candidates: Candidates
  private let chosen: [Candidates.Candidate]
  private let isChosen: Set<ValueID>
  /// Recomputed values and where.
  private var copies: [ValueID: (value: ValueID, position: Int)] = [:]
  private var insertions: [Int: [Operation]] = [:]

  init(_ program: Program, _ candidates: Candidates, _ chosen: [Candidates.Candidate]) {
    self.program = program
    self.candidates = candidates
    self.chosen = chosen
    isChosen = Set(chosen.map(\.value))
  }

  mutating func rewrite() -> Program {
    let operations = program.operations
    var renamed: [Int: [ValueID: ValueID]] = [:]
    for candidate in chosen {
      let copy = copy(of: candidate.value, before: candidate.lateUse)
      for user in candidates.users[candidate.value.index] where user >= candidate.lateUse {
        renamed[user, default: [:]][candidate.value] = copy
      }
    }
    var result = program
    result.operations = []
    for (position, original) in operations.enumerated() {
      result.operations += insertions[position] ?? []
      var operation = original
      if let renamed = renamed[position] { operation.operands = operation.operands.map { renamed[$0] ?? $0 } }
      result.operations.append(operation)
    }
    return result
  }

  /// The value computed again before an operation; an earlier copy serves as well.
  private mutating func copy(of value: ValueID, before position: Int) -> ValueID {
    if let known = copies[value], known.position <= position { return known.value }
    let original = program.operations[candidates.producers[value.index]]
    var operation = original
    operation.operands = operation.operands.map { isChosen.contains($0) ? copy(of: $0, before: position) : $0 }
    if case .groupNorm(let norm) = original.opCase {
      // The statistics are small and kept: only the last step is repeated.
      operation.op = GroupNormApply(groups: norm.groups, activation: norm.activation)
      operation.operands += original.results.dropFirst()
      operation.results = [program.makeResult(program.type(of: value))]
    } else {
      operation.results = original.results.map { program.makeResult(program.type(of: $0)) }
    }
    operation.scope += "+recomputed"
    insertions[position, default: []].append(operation)
    copies[value] = (operation.results[0], position)
    return operation.results[0]
  }
}
