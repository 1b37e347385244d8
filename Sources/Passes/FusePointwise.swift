// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Elementwise operations whose result only another elementwise operation reads become one operation with it, which
/// works tile by tile: what is between them never leaves the cache, and small ones cost one call.
public struct FusePointwise: Pass {
  public let name = "fuse-pointwise"
  public let summary = "Joins chains of elementwise operations into one that runs tile by tile in the cache."

  /// The pass.
  public init() {}

  /// Most operands of a joined operation.
  static let operandLimit = 8

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  private func visit(_ r: inout Rewriter, _ position: Int) {
    let operation = r.operations[position]
    guard let outer = expression(operation) else { return }
    for (index, value) in operation.operands.enumerated() {
      guard r.isUsedOnce(value), r.type(value) == r.type(operation.results[0]), let inner = r.definition(of: value),
        let steps = expression(inner.operation),
        r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position),
        let joined = join(operation, outer, at: index, inner.operation, steps, r)
      else { continue }
      r.replace(position, with: joined.op, joined.operands)
      r.remove(inner.position)
      return
    }
  }

  /// An elementwise operation as an expression over its operands.
  private func expression(_ operation: Operation) -> [PointwiseStep]? {
    switch operation.opCase {
    case .unary(let op): [.operand(0), .unary(op.function)]
    case .affine(let op): [.operand(0), .affine(scale: op.scale, offset: op.offset)]
    case .binary(let op): [.operand(0), .operand(1), .binary(op.function)]
    case .pointwise(let op): op.expression.steps
    default: nil
    }
  }

  /// The expression of `operation` with that of `inner` in the place of operand `index`.
  private func join(
    _ operation: Operation, _ outer: [PointwiseStep], at index: Int, _ inner: Operation, _ steps: [PointwiseStep],
    _ r: Rewriter
  ) -> (op: Pointwise, operands: [ValueID])? {
    // An operand read twice by the outer expression would be computed twice.
    guard outer.count(where: { $0 == .operand(index) }) == 1 else { return nil }
    var operands: [ValueID] = []
    func place(_ value: ValueID) -> Int {
      if let known = operands.firstIndex(of: value) { return known }
      operands.append(value)
      return operands.count - 1
    }
    // The first operand has the shape of the result.
    let type = r.type(operation.results[0])
    let all = operation.operands.enumerated().filter { $0.offset != index }.map(\.element) + inner.operands
    guard let first = all.first(where: { r.type($0) == type }) else { return nil }
    _ = place(first)
    var result: [PointwiseStep] = []
    for step in outer {
      switch step {
      case .operand(index):
        for step in steps {
          if case .operand(let number) = step {
            result.append(.operand(place(inner.operands[number])))
          } else {
            result.append(step)
          }
        }
      case .operand(let number): result.append(.operand(place(operation.operands[number])))
      default: result.append(step)
      }
    }
    let expression = PointwiseExpression(result)
    guard operands.count <= Self.operandLimit, let depth = expression.depth, depth <= PointwiseExpression.depthLimit
    else { return nil }
    return (Pointwise(expression), operands)
  }
}
