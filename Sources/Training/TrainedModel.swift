import Diagnostics
import Imaging
import Models
import Ops
import Passes
import Spec

/// A model ready for use: a run opened, or a spec with random weights.
public struct TrainedModel {
  /// Its spec.
  public let spec: ModelSpec
  /// Names of its classes.
  public let classes: [String]
  /// Its session, parameters loaded.
  public let session: ModelSession
  /// Steps that the tokenizer was trained for; nil for random weights.
  public let tokenizerStep: Int?
  /// Steps that the discriminator was trained for; 0 where there is none, or it has not begun.
  public let discriminatorSteps: Int
  /// Steps that the generator was trained for; nil for random weights, or where it was not asked for.
  public let generatorStep: Int?

  /// Opens a run. The generator is loaded where `needsGenerator` says so, its weights stored as `weights` says.
  ///
  /// - Parameters:
  ///   - weights: How the weights of decoding are stored; nil follows the precision.
  ///   - precision: How the operands of products may be held; nil for what the run's spec says.
  public init(
    _ path: String, needsGenerator: Bool, weights: WeightStorage? = nil, precision: OperandPrecision? = nil
  ) throws {
    let run = RunDirectory(path)
    var spec = try run.spec()
    if let precision { spec.training.precision = TrainingSpec.Precision(precision) }
    self.spec = spec
    classes = try run.classes()
    session = try ModelSession(spec, weights: weights ?? WeightStorage(following: spec.training.precision))
    guard let tokenizer = run.checkpoints(.tokenizer).last else {
      throw CheckpointError(description: "\(path) holds no tokenizer checkpoint yet; `facet train` makes one")
    }
    let encoding = try InferenceWeights(.tokenizer, path: tokenizer.path)
    try encoding.check(Tokenizer(spec).reconstructProgram(batch: 1))
    tokenizerStep = encoding.step
    discriminatorSteps = try encoding.discriminatorSteps()
    guard needsGenerator else {
      generatorStep = nil
      session.fixWeights { [store = session.store] in try encoding.load($0, into: store) }
      return
    }
    guard let generator = Generator(spec, classes: spec.classCount(of: classes)) else {
      throw NoGeneratorError(description: "the spec of \(path) has no 'generator' section")
    }
    guard let newest = run.checkpoints(.generator).last else {
      throw CheckpointError(
        description: "\(path) holds no generator checkpoint yet; `facet train` with --stage generator makes one")
    }
    let drawing = try InferenceWeights(.generator, path: newest.path)
    try drawing.check(generator.stepProgram(count: 1, guided: false))
    try drawing.check(generator.prefillProgram(count: 1, guided: false))
    generatorStep = drawing.step
    session.fixWeights { [store = session.store] name in
      try (Checkpoint.Stage.generator.owns(name) ? drawing : encoding).load(name, into: store)
    }
  }

  /// A model of a spec with random weights.
  public init(untrained spec: ModelSpec, classes: [String], weights: WeightStorage? = nil) throws {
    self.spec = spec
    self.classes = classes
    session = try ModelSession(spec, weights: weights ?? WeightStorage(following: spec.training.precision))
    session.fixWeights()
    tokenizerStep = nil
    discriminatorSteps = 0
    generatorStep = nil
  }

  /// The name of a class, or its number where it has none.
  public func name(of label: Int) -> String { classes.indices.contains(label) ? classes[label] : String(label) }

  /// Number of classes of the generator.
  public var classCount: Int { spec.classCount(of: classes) }

  /// Reads an image and cuts it to the model's size.
  public func image(_ path: String) throws -> Image {
    SquareCrop.center(try PNGReader().read(path), size: spec.image.size)
  }
}
