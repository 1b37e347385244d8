import ArgumentParser
import Passes

extension WeightStorage: ExpressibleByArgument {}

/// How the generator's weights are held while it decodes.
struct WeightOptions: ParsableArguments {
  @Option(
    help: """
      How the generator's weights are stored while codes are drawn: f32, bf16, or int8 with a scale per output channel. \
      Fewer bits are read faster and give slightly other probabilities. By default as --precision.
      """)
  var weights: WeightStorage?
}
