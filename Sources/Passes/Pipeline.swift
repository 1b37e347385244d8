import IR
import Ops

/// Passes in the order in which they run.
public struct Pipeline: Sendable {
  /// Name of the pipeline.
  public var name: String
  /// The passes that see the whole program, with the reason for each place.
  public var preparation: [PlacedPass]
  /// The passes that see what is left once work on weights alone has moved to the setup, with the reason for each place.
  public var passes: [PlacedPass]

  /// A pipeline of the given passes.
  public init(name: String, preparation: [PlacedPass] = [], passes: [PlacedPass]) {
    self.name = name
    self.preparation = preparation
    self.passes = passes
  }

  /// All passes in the order in which they run.
  public var allPasses: [PlacedPass] { preparation + passes }

  /// The pipeline of a program: one that updates parameters trains, everything else is inference.
  ///
  /// - Parameter packing: Says which weights of an inference program are packed once and for all; by default none.
  public static func of(
    _ program: Program, precision: OperandPrecision = .f32, packing: PackConstantWeights = PackConstantWeights()
  ) -> Pipeline {
    trains(program) ? training(precision) : inference(precision, packing)
  }

  /// Whether a program updates parameters.
  public static func trains(_ program: Program) -> Bool {
    program.operations.contains { operation in
      operation.op.mutatedOperands.contains { program.symbol(of: operation.operands[$0])?.role == .parameter }
    }
  }

  /// Programs that update no parameter.
  public static func inference(
    _ precision: OperandPrecision = .f32, _ packing: PackConstantWeights = PackConstantWeights()
  ) -> Pipeline {
    let packing = PlacedPass(packing, "before work on weights moves to the setup, knowing the precision of products")
    return Pipeline(
      name: "inference", preparation: cleanup + settingPrecision(precision) + [packing], passes: fusion)
  }

  /// Programs that hold a whole training step.
  public static func training(_ precision: OperandPrecision = .f32) -> Pipeline {
    Pipeline(name: "training", preparation: cleanup, passes: fusion + settingPrecision(precision) + steps)
  }

  /// Programs of decoding, before the pipeline of inference: their weights stored in a given form.
  public static func decoding(_ weights: WeightStorage) -> Pipeline {
    Pipeline(
      name: "decoding",
      passes: [PlacedPass(NarrowWeights(weights), "before anything is planned, so that no f32 form is held")])
  }

  /// Every pass, once, in the order of the pipelines.
  public static let all: [PlacedPass] = {
    var known: Set<String> = []
    return (inference(.bf16).allPasses + training(.bf16).allPasses).filter { known.insert($0.pass.name).inserted }
  }()

  private static let cleanup: [PlacedPass] = [
    PlacedPass(Canonicalize(), "first, so that everything after sees one form of each computation"),
    PlacedPass(CommonSubexpressions(), "equal operations look equal only once they are in one form"),
    PlacedPass(DeadCode(), "the two before leave operations behind that nobody reads"),
  ]

  private static func settingPrecision(_ precision: OperandPrecision) -> [PlacedPass] {
    precision == .f32
      ? []
      : [
        PlacedPass(
          SetPrecision(precision),
          "only with precision bf16 or strict; before operations are repeated and weights are packed")
      ]
  }

  /// What only training steps have.
  private static let steps: [PlacedPass] = [
    PlacedPass(FuseBiasGradients(), "any time: it takes sums that nothing before takes"),
    PlacedPass(FuseOptimizer(), "any time after constants are folded, which show the form of clipping"),
    PlacedPass(DeadCode(), "the clipping factor is computed inside the update now"),
    PlacedPass(Rematerialization(), "last: it repeats operations on purpose, in their final fused form"),
  ]

  private static let fusion: [PlacedPass] = [
    PlacedPass(FuseQuantization(), "before chains of elementwise operations are joined, of which it takes some"),
    PlacedPass(FuseUpsampling(), "before epilogues, which would add to gradients whose blocks are still to be summed"),
    PlacedPass(FuseNormActivation(), "before epilogues, which must not take the activation that follows a norm"),
    PlacedPass(FuseEpilogues(), "once only additions and activations are left that no norm has taken"),
    PlacedPass(FuseGradientSums(), "after epilogues: where a product can add the sum it is read once less"),
    PlacedPass(FusePointwise(), "takes what no product and no norm has taken"),
  ]
}
