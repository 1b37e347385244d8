// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// The nearest entry is gathered, compared with the latent and measured by the search that finds it.
public struct FuseQuantization: Pass {
  public let name = "fuse-quantization"
  public let summary = "Joins the search for the nearest entry, its lookup, the difference and the losses' squares."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  private func visit(_ r: inout Rewriter, _ position: Int) {
    let search = r.operations[position]
    guard case .nearestCode = search.opCase else { return }
    let (z, e, indices) = (search.operands[0], search.operands[1], search.results[0])
    guard
      let lookup = r.users[indices.index].first(where: { user in
        guard case .embedding = r.op(user) else { return false }
        return r.operations[user].operands == [e, indices]
      }), r.isUsedOnce(r.operations[lookup].results[0])
    else { return }
    let entry = r.operations[lookup].results[0]
    let subtraction = r.users[entry.index][0]
    guard isBinary(r, subtraction, .subtract, [entry, z]) else { return }
    let difference = r.operations[subtraction].results[0]
    let sum = r.users[difference.index].first { isBinary(r, $0, .add, [z, difference]) }
    let square = r.users[difference.index].first { isSquare(r, $0) }
    let total = square.flatMap { sumOfAll(r, $0) }
    // Everything is read where the search stands.
    let last = [lookup, subtraction, sum, total].compactMap(\.self).max() ?? position
    guard r.symbols.areUnchanged([z, e], from: position, to: last) else { return }

    var fused = r.make(Quantize(), [z, e], scope: search.scope)
    fused.results[0] = indices
    fused.results[2] = difference
    if let sum {
      fused.results[1] = r.operations[sum].results[0]
      r.remove(sum)
    }
    if let square, let total {
      fused.results[3] = r.operations[total].results[0]
      r.remove(total)
      if r.isUsedOnce(r.operations[square].results[0]) { r.remove(square) }
    }
    r.remove(lookup)
    r.remove(subtraction)
    r.replace(position, with: [fused])
  }

  private func isBinary(_ r: Rewriter, _ position: Int, _ function: BinaryFunction, _ operands: [ValueID]) -> Bool {
    guard case .binary(let op) = r.op(position) else { return false }
    return op.function == function && r.operations[position].operands == operands
  }

  private func isSquare(_ r: Rewriter, _ position: Int) -> Bool {
    guard case .unary(let op) = r.op(position) else { return false }
    return op.function == .square
  }

  /// The operation that adds up all squares.
  private func sumOfAll(_ r: Rewriter, _ square: Int) -> Int? {
    r.users[r.operations[square].results[0].index].first { user in
      guard case .reduceSum(let op) = r.op(user) else { return false }
      return op.start == 0 && op.end == 2
    }
  }
}
