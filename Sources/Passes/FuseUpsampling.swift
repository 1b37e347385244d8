// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Convolutions of an upsampled image read the pixels of the small one, and their gradients with respect to it are summed
/// over 2 x 2 blocks while they are made, so that no image of the larger size is stored.
///
/// Windows of one pixel stay: they are products that read the image as it lies.
public struct FuseUpsampling: Pass {
  public let name = "fuse-upsample"
  public let summary = "Moves upsampling into the convolutions after it, and its gradient into theirs."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  private func visit(_ r: inout Rewriter, _ position: Int) {
    switch r.operations[position].opCase {
    case .upsample: moveIntoReaders(&r, position)
    case .upsampleGradient: moveIntoGradient(&r, position)
    default: return
    }
  }

  /// All readers read the small image, or none does.
  private func moveIntoReaders(_ r: inout Rewriter, _ position: Int) {
    let (small, large) = (r.operations[position].operands[0], r.operations[position].results[0])
    let readers = r.users[large.index]
    guard !r.isOutput(large), let last = readers.last, r.symbols.areUnchanged([small], from: position, to: last) else {
      return
    }
    let ops = readers.compactMap { upsampling(r, $0, large) }
    guard ops.count == readers.count else { return }
    for (reader, op) in zip(readers, ops) {
      r.replace(reader, with: op, [small] + r.operations[reader].operands.dropFirst())
    }
    r.remove(position)
  }

  /// What an operation becomes that reads `large` as its image and nowhere else; nil where it cannot upsample itself.
  private func upsampling(_ r: Rewriter, _ reader: Int, _ large: ValueID) -> (any ConvolutionOp)? {
    let operation = r.operations[reader]
    // The gradient with respect to the image reads none.
    guard !r.isRewritten(reader), operation.operands[0] == large, !operation.operands.dropFirst().contains(large),
      !(operation.op is Conv2DInputGradient)
    else { return nil }
    return upsampling(r, operation)
  }

  /// The gradient of a convolution moves to where its blocks are summed.
  private func moveIntoGradient(_ r: inout Rewriter, _ position: Int) {
    let large = r.operations[position].operands[0]
    guard r.isUsedOnce(large), let source = r.definition(of: large),
      var op = upsampling(r, source.operation) as? Conv2DInputGradient, op.epilogue == .none,
      r.symbols.areUnchanged(source.operation.operands, from: source.position, to: position)
    else { return }
    op.size = op.size.map { $0 / 2 }
    var fused = source.operation
    fused.op = op
    fused.results = r.operations[position].results
    r.replace(position, with: [fused])
    r.remove(source.position)
  }

  /// The op of a convolution or gradient for an image that is upsampled; nil where it cannot be.
  private func upsampling(_ r: Rewriter, _ operation: Operation) -> (any ConvolutionOp)? {
    guard var op = operation.op as? any ConvolutionOp, op.stride == 1, !op.upsample else { return nil }
    let shapes = op.shapes(
      operands: r.program.types(of: operation.operands), results: r.program.types(of: operation.results))
    guard shapes.weights[1...2].contains(where: { $0 > 1 }) else { return nil }
    op.upsample = true
    return op
  }
}
