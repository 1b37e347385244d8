import IR
import KernelInterface
import Ops

/// Which products of a program are worth having their weights packed once instead of in every run.
public enum PackedWeights {
  /// Rows of a product up to which packing its weights takes a share of its time that shows; beyond, a second copy of
  /// the weights is not worth its memory.
  static let mostRows = 1024

  /// How the packed weights of an operation are held; nil where it packs none, or does so at hardly any cost.
  public static func form(of operation: Operation, in program: Program) -> OperandPrecision? {
    let types = program.types(of: operation.operands)
    let (rows, roundsOperands): (Int, Bool)
    switch operation.opCase {
    case .linear(let op) where !op.isPacked && types[1].dtype == .f32:
      rows = types[0].rowCount
      guard rows > SkinnyLinearArguments.maximumRows else { return nil }
      roundsOperands = op.precision == .bf16
    case .conv2D(let op) where !op.isPacked:
      let plan = ConvolutionPlan(op, of: operation, in: program)
      rows = plan.batch * plan.outputHeight * plan.outputWidth
      guard rows > SkinnyLinearArguments.maximumRows else { return nil }
      roundsOperands = plan.roundsOperands
    default: return nil
    }
    let form: OperandPrecision = roundsOperands ? .bf16 : .f32
    guard rows <= mostRows, PackWeights.canPack(types[1], form) else { return nil }
    return form
  }
}
