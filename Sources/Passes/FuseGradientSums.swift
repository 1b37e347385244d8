// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Where two gradients of a value add up and one comes from a norm, the norm's gradient adds the other while it writes
/// its own.
public struct FuseGradientSums: Pass {
  public let name = "fuse-gradient-sums"
  public let summary = "Moves additions of gradients into the gradients of norms."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  private func visit(_ r: inout Rewriter, _ position: Int) {
    let operation = r.operations[position]
    guard case .binary(let op) = operation.opCase, op.function == .add else { return }
    let (x, y) = (operation.operands[0], operation.operands[1])
    guard x != y, r.type(x) == r.type(y) else { return }
    let choices = [(x, y), (y, x)].compactMap { value, other in
      gradient(value, before: position, r).map { ($0, other) }
    }
    guard let (source, other) = choices.max(by: { $0.0 < $1.0 }) else { return }
    var fused = r.operations[source]
    fused.operands.append(other)
    fused.results[0] = operation.results[0]
    r.replace(position, with: [fused])
    r.remove(source)
  }

  /// The gradient of a norm whose first result is read by the addition alone, and whose others are read after it.
  private func gradient(_ value: ValueID, before end: Int, _ r: Rewriter) -> Int? {
    guard r.isUsedOnce(value), let source = r.definition(of: value), source.operation.results[0] == value,
      source.operation.results.dropFirst().allSatisfy({ r.users[$0.index].allSatisfy { $0 > end } }),
      r.symbols.areUnchanged(source.operation.operands, from: source.position, to: end)
    else { return nil }
    let own: Int
    switch source.op {
    case .groupNormGradient: own = 6
    case .layerNormGradient: own = 5
    case .rmsNormGradient: own = 4
    default: return nil
    }
    return source.operation.operands.count == own ? source.position : nil
  }
}
