// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// The gradient of a convolution's bias is summed while the gradient of its weights reads dy.
public struct FuseBiasGradients: Pass {
  public let name = "fuse-bias-gradients"
  public let summary = "Moves the sums that are gradients of biases into the gradients of the weights."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  private func visit(_ r: inout Rewriter, _ position: Int) {
    let sum = r.operations[position]
    guard case .reduceSum(let op) = sum.opCase, op.start == 0, op.end == 3, r.shape(sum.operands[0]).count == 4
    else { return }
    let dy = sum.operands[0]
    // Whoever reads the sum must find it made.
    guard let target = r.users[dy.index].first(where: { isWeightGradient(r, $0, of: dy) }),
      r.users[sum.results[0].index].allSatisfy({ $0 > target }),
      r.symbols.areUnchanged([dy], from: min(position, target), to: max(position, target)),
      case .conv2DWeightGradient(var fused) = r.operations[target].opCase
    else { return }
    fused.sumsBias = true
    var operation = r.operations[target]
    operation.op = fused
    operation.results.append(sum.results[0])
    r.replace(target, with: [operation])
    r.remove(position)
  }

  /// Whether an operation is a gradient of weights from dy that sums nothing yet.
  private func isWeightGradient(_ r: Rewriter, _ position: Int, of dy: ValueID) -> Bool {
    guard case .conv2DWeightGradient(let op) = r.op(position) else { return false }
    return !op.sumsBias && r.operations[position].operands[1] == dy
  }
}
