import ArgumentParser
import Ops
import Spec
import Training

extension OperandPrecision: ExpressibleByArgument {}

/// How the operands of products are held.
struct PrecisionOptions: ParsableArguments {
  @Option(
    help: """
      How the operands of matrix products, convolutions and attention may be held while they are multiplied: f32, or \
      bf16 where that is faster; strict is f32 with sums of products in double precision, slow, for comparing numbers. \
      Weights, norms and losses are f32 in any case. By default what the spec says.
      """)
  var precision: OperandPrecision?

  /// The spec with the precision that was asked for.
  func applied(to spec: ModelSpec) -> ModelSpec {
    guard let precision else { return spec }
    var result = spec
    result.training.precision = TrainingSpec.Precision(precision)
    return result
  }
}
