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
  private func upsampling(_ r: Rewriter, _ reader: Int, _ large: ValueID) -> (any FacetOp)? {
    let operands = r.operations[reader].operands
    guard !r.isRewritten(reader), operands[0] == large, !operands.dropFirst().contains(large) else { return nil }
    switch r.operations[reader].opCase {
    case .conv2D(var op):
      guard op.stride == 1, !op.upsample, hasWindows(r.shape(operands[1])[1...2]) else { return nil }
      op.upsample = true
      return op
    case .conv2DWeightGradient(var op):
      guard op.stride == 1, !op.upsample, hasWindows(op.kernel[...]) else { return nil }
      op.upsample = true
      return op
    default: return nil
    }
  }

  /// The gradient of a convolution moves to where its blocks are summed.
  private func moveIntoGradient(_ r: inout Rewriter, _ position: Int) {
    let large = r.operations[position].operands[0]
    guard r.isUsedOnce(large), let source = r.definition(of: large), case .conv2DInputGradient(var op) = source.op,
      op.stride == 1, !op.upsample, op.epilogue == .none,
      hasWindows(r.shape(source.operation.operands[1])[1...2]),
      r.symbols.areUnchanged(source.operation.operands, from: source.position, to: position)
    else { return }
    op.upsample = true
    op.size = op.size.map { $0 / 2 }
    var fused = source.operation
    fused.op = op
    fused.results = r.operations[position].results
    r.replace(position, with: [fused])
    r.remove(source.position)
  }

  private func hasWindows(_ kernel: ArraySlice<Int>) -> Bool { kernel.contains { $0 > 1 } }
}
