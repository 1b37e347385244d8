// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// All Adam updates of a step that share their settings become one operation, with the moving averages of the same
/// parameters and the factor that clips the gradient.
public struct FuseOptimizer: Pass {
  public let name = "fuse-optimizer"
  public let summary = "Joins the updates of all parameters, their moving averages and clipping into one operation."

  /// The pass.
  public init() {}

  /// What updates must share to be joined.
  private struct Key: Hashable {
    /// The update without weight decay, of which one value and none go together.
    var adam: Adam
    var average: Float
    var shared: [ValueID]
  }

  private struct Update {
    var position: Int
    var adam: Adam
    var operands: [ValueID]
    var average: (position: Int, value: ValueID)?
  }

  public func run(on program: inout Program) -> Bool {
    var rewriter = Rewriter(program)
    var groups: [Key: [Update]] = [:]
    var order: [Key] = []
    for (position, operation) in program.operations.enumerated() {
      guard case .adam(let op) = operation.opCase else { continue }
      var update = Update(position: position, adam: op, operands: operation.operands)
      var decay: Float = 0
      if let (place, average) = average(of: operation.operands[0], after: position, rewriter) {
        update.average = (place, rewriter.operations[place].operands[0])
        decay = average.decay
      }
      var key = Key(adam: op, average: decay, shared: Array(operation.operands[4...6]))
      key.adam.weightDecay = 0
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(update)
    }
    for key in order { join(&rewriter, key, groups[key] ?? []) }
    guard rewriter.changed else { return false }
    program = rewriter.finish()
    return true
  }

  /// The moving average that reads a parameter as the update at a position has left it, if it is its only one.
  private func average(of parameter: ValueID, after position: Int, _ r: Rewriter) -> (Int, MovingAverage)? {
    var found: (Int, MovingAverage)?
    for user in r.users[parameter.index] where user > position {
      guard case .movingAverage(let op) = r.operations[user].opCase, r.operations[user].operands[1] == parameter,
        found == nil
      else { return nil }
      found = (user, op)
    }
    return found
  }

  /// Joins updates at the place of the last one, where every gradient is known, if nothing in between minds.
  private func join(_ r: inout Rewriter, _ key: Key, _ updates: [Update]) {
    guard updates.count > 1, let first = updates.first, let end = updates.map(\.position).max() else { return }
    let own = Set(updates.flatMap { [$0.position] + ($0.average.map { [$0.position] } ?? []) })
    let last = max(end, updates.compactMap { $0.average?.position }.max() ?? end)
    let symbols = updates.flatMap { $0.operands.prefix(3) + ($0.average.map { [$0.value] } ?? []) }
    guard Set(symbols).count == symbols.count else { return }
    for symbol in symbols {
      // A read in between would see another value than before; a view may be read anywhere.
      for user in r.users[symbol.index] where user > first.position && user <= last && !own.contains(user) { return }
      for user in r.users[symbol.index] where user < first.position {
        if case .reshape = r.operations[user].opCase { return }
        if case .slice = r.operations[user].opCase { return }
      }
    }
    guard r.symbols.areUnchanged(updates.flatMap { $0.operands[3...6] }, from: first.position, to: last) else { return }
    let decay = updates.map(\.adam.weightDecay).first { $0 != 0 } ?? 0
    guard updates.allSatisfy({ $0.adam.weightDecay == 0 || $0.adam.weightDecay == decay }) else { return }

    var op = AdamGroup(
      adam: key.adam, decays: updates.map { $0.adam.weightDecay == 0 ? 0 : 1 }, average: key.average)
    op.adam.weightDecay = decay
    let (rate, step) = (first.operands[4], first.operands[6])
    var scale = first.operands[5]
    if let (norm, clip) = clipping(scale, r) { (scale, op.clip) = (norm, clip) }
    var operands: [ValueID] = []
    for list in 0..<3 { operands += updates.map { $0.operands[list] } }
    operands += updates.compactMap { $0.average?.value }
    operands += updates.map { $0.operands[3] }
    operands += [rate, scale, step]
    for position in own where position != last { r.remove(position) }
    r.replace(last, with: op, operands)
  }

  /// The norm and the limit of min(1, limit / (norm + 1e-6)), as the training step writes it.
  private func clipping(_ scale: ValueID, _ r: Rewriter) -> (norm: ValueID, clip: Float)? {
    guard let minimum = r.definition(of: scale), case .binary(let binary) = minimum.op, binary.function == .minimum,
      r.constant(minimum.operation.operands[1]) == 1,
      let ratio = r.definition(of: minimum.operation.operands[0]), case .affine(let factor) = ratio.op,
      factor.offset == 0, factor.scale > 0,
      let inverse = r.definition(of: ratio.operation.operands[0]), case .unary(let unary) = inverse.op,
      unary.function == .reciprocal,
      let sum = r.definition(of: inverse.operation.operands[0]), case .affine(let shift) = sum.op, shift.scale == 1,
      shift.offset == 1e-6
    else { return nil }
    return (sum.operation.operands[0], factor.scale)
  }
}
