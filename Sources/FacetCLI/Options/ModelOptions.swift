import ArgumentParser
import Passes
import Spec
import Training

/// The model that a command works with.
struct ModelOptions: ParsableArguments {
  @Argument(help: "The folder of a run, or with --random-weights a spec.")
  var run: String

  @Flag(help: "Take a spec instead of a run and fill its weights at random, to try sizes out.")
  var randomWeights = false

  @OptionGroup var operands: PrecisionOptions

  /// Opens the model.
  func open(needsGenerator: Bool, weights: WeightStorage? = nil) throws -> TrainedModel {
    guard randomWeights else {
      return try TrainedModel(
        run, needsGenerator: needsGenerator, weights: weights, precision: operands.precision)
    }
    let spec = operands.applied(to: try SpecArgument.load(run))
    return try TrainedModel(untrained: spec, classes: try ClassNames(spec).names, weights: weights)
  }
}
