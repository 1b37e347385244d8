// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// group_norm followed by silu becomes one operation, and so do their gradients, which compute the normalised value
/// again from the statistics: it is never stored.
public struct FuseNormActivation: Pass {
  public let name = "fuse-norm-activation"
  public let summary = "Joins group_norm with the silu after it, and silu_gradient with group_norm_gradient."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  private func visit(_ r: inout Rewriter, _ position: Int) {
    let norm = r.operations[position]
    guard case .groupNorm(var op) = norm.opCase, op.activation == .none, !r.isOutput(norm.results[0]) else { return }
    var activations: [Int] = []
    var slopes: [(slope: Int, gradient: Int)] = []
    for user in r.users[norm.results[0].index] {
      switch r.op(user) {
      case .unary(let unary) where unary.function == .silu: activations.append(user)
      case .binary(let binary) where binary.function == .siluGradient:
        guard let gradient = gradient(of: norm, through: user, r) else { return }
        slopes.append((user, gradient))
      default: return
      }
    }
    guard !activations.isEmpty else { return }
    op.activation = .silu
    r.replace(position, with: op, norm.operands)
    for activation in activations { r.forward(activation, to: norm.results[0]) }
    for (slope, gradient) in slopes {
      var operation = r.operations[gradient]
      guard case .groupNormGradient(var op) = operation.opCase else { continue }
      op.activation = .silu
      operation.op = op
      operation.operands[5] = r.operations[slope].operands[1]
      r.replace(gradient, with: [operation])
      r.remove(slope)
    }
  }

  /// The gradient of `norm` that takes the result of silu_gradient(norm, dy), if that goes nowhere else.
  private func gradient(of norm: Operation, through slope: Int, _ r: Rewriter) -> Int? {
    let operation = r.operations[slope]
    let result = operation.results[0]
    guard operation.operands[0] == norm.results[0], operation.operands[1] != norm.results[0],
      r.type(operation.operands[1]) == r.type(result), r.isUsedOnce(result), let user = r.users[result.index].first,
      case .groupNormGradient(let op) = r.op(user), op.activation == .none,
      Array(r.operations[user].operands.prefix(6)) == norm.operands + [norm.results[1], norm.results[2], result],
      r.symbols.areUnchanged([operation.operands[1]], from: slope, to: user)
    else { return nil }
    return user
  }
}
