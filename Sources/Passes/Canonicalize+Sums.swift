import IR
import Ops

extension Canonicalize {
  /// reduce_sum over dimensions of extent 1 is a reshape.
  static func sumOfUnits(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .reduceSum(let op) = operation.opCase, r.symbols.isStable(operation.operands[0]),
      r.shape(operation.operands[0])[op.start..<op.end].allSatisfy({ $0 == 1 })
    else { return false }
    r.replace(position, with: Reshape(r.shape(operation.results[0])), operation.operands)
    return true
  }

  /// reduce_sum(reduce_sum(x)) = reduce_sum(x) where the dimensions are side by side in x.
  static func sumOfSum(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .reduceSum(let outer) = operation.opCase, let inner = r.definition(of: operation.operands[0]),
      case .reduceSum(let op) = inner.op, outer.start <= op.start, op.start <= outer.end,
      r.isUsedOnce(operation.operands[0]),
      r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position)
    else { return false }
    r.replace(
      position, with: ReduceSum(start: outer.start, end: outer.end + op.end - op.start), inner.operation.operands)
    return true
  }

  /// reduce_sum(broadcast(x)) over just the new dimensions = n x.
  static func sumOfBroadcast(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .reduceSum(let op) = operation.opCase, let inner = r.definition(of: operation.operands[0]),
      case .broadcast(let broadcast) = inner.op, broadcast.at == op.start,
      broadcast.at + broadcast.extents.count == op.end,
      r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position)
    else { return false }
    r.replace(position, with: Affine(scale: Float(broadcast.extents.reduce(1, *))), inner.operation.operands)
    return true
  }

  /// reduce_sum(constant) = constant.
  static func sumOfConstant(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard let value = r.constant(operation.operands[0]) else { return false }
    let terms = r.type(operation.operands[0]).count / r.type(operation.results[0]).count
    return r.fill(position, value * Float(terms))
  }

  /// pad(a) + pad(b) = concat(a, b) where the two fill each other's zeros: the gradient of slices that cover an axis
  /// from its start. Longer sums grow one part at a time, padded behind.
  static func addOfPads(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .binary(let op) = operation.opCase, op.function == .add else { return false }
    let (x, y) = (operation.operands[0], operation.operands[1])
    guard x != y, r.isUsedOnce(x), r.isUsedOnce(y), let one = r.definition(of: x), let two = r.definition(of: y),
      case .pad(let first) = one.op, case .pad(let second) = two.op, first.axis == second.axis
    else { return false }
    let axis = first.axis
    let (a, b) = (one.operation.operands[0], two.operation.operands[0])
    guard r.symbols.areUnchanged([a], from: one.position, to: position),
      r.symbols.areUnchanged([b], from: two.position, to: position)
    else { return false }
    // `low` ends where `high` begins.
    let (low, high, lowPart, highPart) = first.before < second.before ? (first, second, a, b) : (second, first, b, a)
    guard low.before + r.shape(lowPart)[axis] == high.before else { return false }
    let joined = r.make(Concat(axis: axis), [lowPart, highPart], scope: operation.scope)
    if low.before == 0 && high.after == 0 {
      r.replace(position, with: Concat(axis: axis), [lowPart, highPart])
    } else {
      var outer = operation
      outer.op = Pad(axis: axis, before: low.before, after: high.after)
      outer.operands = joined.results
      r.replace(position, with: [joined, outer])
    }
    return true
  }
}
