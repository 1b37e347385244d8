import IR
import Ops

extension Canonicalize {
  /// reshape(x) to the shape it has = x.
  static func reshapeOfSameShape(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    let x = operation.operands[0]
    guard r.type(x) == r.type(operation.results[0]) else { return false }
    r.forward(position, to: x)
    return true
  }

  /// reshape(reshape(x)) = reshape(x).
  static func reshapeOfReshape(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .reshape(let op) = operation.opCase, let inner = r.definition(of: operation.operands[0]),
      case .reshape = inner.op
    else { return false }
    r.replace(position, with: op, inner.operation.operands)
    return true
  }

  /// Moving or repeating the elements of a filled constant gives a filled constant.
  static func constantMoved(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard let value = r.constant(operation.operands[0]) else { return false }
    return r.fill(position, value)
  }

  /// transpose(transpose(x)) = transpose(x), or x where the two cancel.
  static func transposeOfTranspose(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .transpose(let outer) = operation.opCase else { return false }
    let isIdentity = outer.permutation == Array(outer.permutation.indices)
    if isIdentity, r.symbols.isStable(operation.operands[0]) {
      r.forward(position, to: operation.operands[0])
      return true
    }
    guard let inner = r.definition(of: operation.operands[0]), case .transpose(let op) = inner.op,
      r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position)
    else { return false }
    r.replace(position, with: Transpose(outer.permutation.map { op.permutation[$0] }), inner.operation.operands)
    return true
  }

  /// A transpose that moves only dimensions of extent 1 is a reshape.
  static func transposeOfUnits(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .transpose(let op) = operation.opCase, r.symbols.isStable(operation.operands[0]) else { return false }
    let shape = r.shape(operation.operands[0])
    let moved = op.permutation.filter { shape[$0] > 1 }
    guard moved == moved.sorted() else { return false }
    r.replace(position, with: Reshape(r.shape(operation.results[0])), operation.operands)
    return true
  }

  /// slice(x) of all positions = x.
  static func sliceOfAll(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    let x = operation.operands[0]
    guard r.type(x) == r.type(operation.results[0]), r.symbols.isStable(x) else { return false }
    r.forward(position, to: x)
    return true
  }

  /// slice(slice(x)) along one axis = slice(x).
  static func sliceOfSlice(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .slice(let outer) = operation.opCase, let inner = r.definition(of: operation.operands[0]),
      case .slice(let op) = inner.op, op.axis == outer.axis,
      r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position)
    else { return false }
    r.replace(
      position, with: Slice(axis: op.axis, start: op.start + outer.start, end: op.start + outer.end),
      inner.operation.operands)
    return true
  }

  /// slice(concat(a, b, ...)) inside one operand = slice of that operand.
  static func sliceOfConcat(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .slice(let outer) = operation.opCase, let inner = r.definition(of: operation.operands[0]),
      case .concat(let op) = inner.op, op.axis == outer.axis
    else { return false }
    var start = 0
    for part in inner.operation.operands {
      let extent = r.shape(part)[op.axis]
      if start <= outer.start && outer.end <= start + extent {
        guard r.symbols.areUnchanged([part], from: inner.position, to: position) else { return false }
        r.replace(
          position, with: Slice(axis: op.axis, start: outer.start - start, end: outer.end - start), [part])
        return true
      }
      start += extent
    }
    return false
  }

  /// concat(x) = x.
  static func concatOfOne(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard operation.operands.count == 1, r.symbols.isStable(operation.operands[0]) else { return false }
    r.forward(position, to: operation.operands[0])
    return true
  }

  /// concat of slices that follow each other in x = slice of x.
  static func concatOfNeighbours(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .concat(let op) = operation.opCase else { return false }
    var (source, start, end): (ValueID?, Int, Int) = (nil, 0, 0)
    for part in operation.operands {
      guard let inner = r.definition(of: part), case .slice(let slice) = inner.op, slice.axis == op.axis,
        r.symbols.isStable(inner.operation.operands[0])
      else { return false }
      let x = inner.operation.operands[0]
      if source == nil {
        (source, start) = (x, slice.start)
      } else if source != x || end != slice.start {
        return false
      }
      end = slice.end
    }
    guard let source else { return false }
    r.replace(position, with: Slice(axis: op.axis, start: start, end: end), [source])
    return true
  }

  /// pad(x) with widths 0 = x.
  static func padOfNothing(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    let x = operation.operands[0]
    guard r.type(x) == r.type(operation.results[0]), r.symbols.isStable(x) else { return false }
    r.forward(position, to: x)
    return true
  }

  /// broadcast(x) along new dimensions of extent 1 is a reshape.
  static func broadcastOfUnits(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .broadcast(let op) = operation.opCase, op.extents.allSatisfy({ $0 == 1 }),
      r.symbols.isStable(operation.operands[0])
    else { return false }
    r.replace(position, with: Reshape(r.shape(operation.results[0])), operation.operands)
    return true
  }

  /// broadcast(broadcast(x)) = broadcast(x) where the new dimensions are side by side.
  static func broadcastOfBroadcast(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .broadcast(let outer) = operation.opCase, let inner = r.definition(of: operation.operands[0]),
      case .broadcast(let op) = inner.op, op.at <= outer.at, outer.at <= op.at + op.extents.count,
      r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position)
    else { return false }
    var extents = op.extents
    extents.insert(contentsOf: outer.extents, at: outer.at - op.at)
    r.replace(position, with: Broadcast(at: op.at, extents: extents), inner.operation.operands)
    return true
  }
}
