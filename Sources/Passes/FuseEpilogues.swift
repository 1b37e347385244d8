// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Products and convolutions take over the activation and the addition that follow them, and do both while their sums
/// are in registers: activation(sums + bias) + residual. An addition of two products goes to the later one.
public struct FuseEpilogues: Pass {
  public let name = "fuse-epilogues"
  public let summary = "Moves activations and additions into the products and convolutions before them."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  private func visit(_ r: inout Rewriter, _ position: Int) {
    let operation = r.operations[position]
    switch operation.opCase {
    case .unary(let op):
      let activations = EpilogueActivation.allCases.filter { $0.function == op.function }
      guard let activation = activations.first, let source = product(operation.operands[0], before: position, r),
        source.reshape == nil, source.op.epilogue == .none
      else { return }
      fuse(&r, position, source, Epilogue(activation: activation), residual: nil)
    case .binary(let op) where op.function == .add:
      let (x, y) = (operation.operands[0], operation.operands[1])
      guard x != y, r.type(x) == r.type(y) else { return }
      let choices = [(x, y), (y, x)].compactMap { value, other in
        product(value, before: position, r).flatMap { $0.op.epilogue.addsResidual ? nil : ($0, other) }
      }
      guard let (source, other) = choices.max(by: { $0.0.position < $1.0.position }) else { return }
      var epilogue = source.op.epilogue
      epilogue.addsResidual = true
      fuse(&r, position, source, epilogue, residual: other)
    default: return
    }
  }

  /// An op that can take an epilogue, and makes a value that is read once.
  private struct Source {
    var position: Int
    var op: any HasEpilogue
    /// The reshape through which the value is read, if there is one.
    var reshape: Int?
  }

  private func product(_ value: ValueID, before end: Int, _ r: Rewriter) -> Source? {
    guard r.isUsedOnce(value), let definition = r.definition(of: value) else { return nil }
    var source = definition
    var reshape: Int?
    if case .reshape = definition.op {
      guard r.isUsedOnce(definition.operation.operands[0]),
        let inner = r.definition(of: definition.operation.operands[0])
      else { return nil }
      (source, reshape) = (inner, definition.position)
    }
    guard r.symbols.areUnchanged(source.operation.operands, from: source.position, to: end),
      let op = source.operation.op as? any HasEpilogue
    else { return nil }
    // Gradients of weights, stored transposed, have a kernel of their own without epilogue.
    if case .matmul(let product) = source.op, product.transposeA { return nil }
    return Source(position: source.position, op: op, reshape: reshape)
  }

  /// The product moves to `position`, where its residual is known.
  private func fuse(
    _ r: inout Rewriter, _ position: Int, _ source: Source, _ epilogue: Epilogue, residual: ValueID?
  ) {
    let product = r.operations[source.position]
    var op = source.op
    op.epilogue = epilogue
    if let reshape = source.reshape, let residual {
      // The sum of a reshaped product: add under the product's shape, then reshape the sum.
      let seen = r.make(Reshape(r.shape(product.results[0])), [residual], scope: product.scope)
      let sum = r.make(op, product.operands + seen.results, scope: product.scope)
      var named = r.operations[position]
      named.op = r.operations[reshape].op
      named.operands = sum.results
      r.replace(position, with: [seen, sum, named])
      r.remove(reshape)
    } else {
      var fused = r.operations[position]
      fused.op = op
      fused.operands = product.operands + (residual.map { [$0] } ?? [])
      fused.scope = product.scope
      r.replace(position, with: [fused])
    }
    r.remove(source.position)
  }
}
