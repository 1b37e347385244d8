// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// Rewrites operations into fewer and simpler ones by algebra. The rules are in `Canonicalize+*.swift`, one function per
/// rule; each says what it rewrites in its first line.
///
/// Values stay within rounding of what they were: factors are merged, sums are not reordered.
public struct Canonicalize: Pass {
  public let name = "canonicalize"
  public let summary = "Folds constants, drops identities, merges and cancels reshapes, transposes, slices and factors."

  /// The pass.
  public init() {}

  public func run(on program: inout Program) -> Bool { sweep(&program, visit) }

  /// A rewrite of the operation at a position; false where it does not apply.
  typealias Rule = (inout Rewriter, Int, Operation) -> Bool

  private func visit(_ r: inout Rewriter, _ position: Int) {
    let operation = r.operations[position]
    let rules: [Rule]
    switch operation.opCase {
    case .stopGradient: rules = [Self.stopGradient]
    case .reshape: rules = [Self.reshapeOfSameShape, Self.reshapeOfReshape, Self.constantMoved]
    case .transpose: rules = [Self.transposeOfTranspose, Self.transposeOfUnits, Self.constantMoved]
    case .slice: rules = [Self.sliceOfAll, Self.sliceOfSlice, Self.sliceOfConcat, Self.constantMoved]
    case .concat: rules = [Self.concatOfOne, Self.concatOfNeighbours]
    case .pad: rules = [Self.padOfNothing]
    case .broadcast: rules = [Self.broadcastOfUnits, Self.broadcastOfBroadcast, Self.constantMoved]
    case .reduceSum: rules = [Self.sumOfUnits, Self.sumOfSum, Self.sumOfBroadcast, Self.sumOfConstant]
    case .unary: rules = [Self.unaryOfConstant, Self.negateOfNegate]
    case .affine: rules = [Self.affineOfConstant, Self.affineIdentity, Self.affineOfAffine]
    case .binary:
      rules = [
        Self.binaryOfConstants, Self.binaryWithConstant, Self.binaryWithNegated, Self.binaryWithBroadcast,
        Self.addOfPads,
      ]
    case .dropout(let op): rules = op.rate == 0 ? [Self.dropoutOfNothing] : []
    default: rules = []
    }
    for rule in rules where rule(&r, position, operation) { return }
  }
}
