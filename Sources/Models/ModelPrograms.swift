import Autodiff
import IR
import Spec

/// All programs that a spec lowers to, by name. They share one set of symbols.
public struct ModelPrograms {
  /// The model's spec.
  public let spec: ModelSpec
  /// Number of classes of the generator.
  public let classes: Int
  /// Images per run of the programs that do not train.
  public var batch = 1

  /// The programs of a spec.
  public init(_ spec: ModelSpec, classes: Int) {
    self.spec = spec
    self.classes = classes
  }

  /// Names of the programs, tokenizer first.
  public var names: [String] {
    var tokenizer = ["tokenizer.encode", "tokenizer.decode", "tokenizer.reconstruct"]
    if Tokenizer(spec).startsByClustering { tokenizer += ["tokenizer.latents", "tokenizer.start"] }
    tokenizer.append("tokenizer.train")
    if Tokenizer(spec).adversarialStart(totalSteps: 1) != nil {
      tokenizer += ["discriminator.logits", "discriminator.train"]
    }
    let generator = ["generator.prefill", "generator.step", "generator.evaluate", "generator.train"]
    return spec.generator == nil ? tokenizer : tokenizer + generator
  }

  /// Builds a program; nil for a name that is not in `names`.
  public func program(_ name: String) throws(DifferentiationError) -> Program? {
    let tokenizer = Tokenizer(spec)
    switch name {
    case "tokenizer.encode": return tokenizer.encodeProgram(batch: batch)
    case "tokenizer.decode": return tokenizer.decodeProgram(batch: batch)
    case "tokenizer.reconstruct": return tokenizer.reconstructProgram(batch: batch)
    case "tokenizer.latents": return tokenizer.latentsProgram(batch: spec.training.tokenizer.batch)
    case "tokenizer.start": return tokenizer.startProgram(batch: spec.training.tokenizer.batch)
    case "tokenizer.train":
      let stage = spec.training.tokenizer
      return try tokenizer.trainProgram(
        batch: stage.batch, totalSteps: Self.steps(stage),
        adversarial: tokenizer.adversarialStart(totalSteps: 1) != nil)
    case "discriminator.logits": return tokenizer.discriminatorLogitsProgram(batch: batch)
    case "discriminator.train":
      let stage = spec.training.tokenizer
      return try tokenizer.discriminatorProgram(batch: stage.batch, totalSteps: Self.steps(stage))
    default: break
    }
    guard let generator = Generator(spec, classes: classes) else { return nil }
    let guided = spec.sampling.guidance != 1
    switch name {
    case "generator.prefill": return generator.prefillProgram(count: batch, guided: guided)
    case "generator.step": return generator.stepProgram(count: batch, guided: guided)
    case "generator.evaluate": return generator.evaluateProgram(batch: batch)
    case "generator.train":
      let stage = spec.training.generator.stage
      return try generator.trainProgram(batch: stage.batch, totalSteps: Self.steps(stage))
    default: return nil
    }
  }

  /// The length of the stage as far as the spec alone tells; it shapes only the learning rate, not the program.
  private static func steps(_ stage: StageSpec) -> Int {
    switch stage.length {
    case .steps(let steps): steps
    case .epochs: max(1, stage.schedule.warmup + 1)
    }
  }
}
