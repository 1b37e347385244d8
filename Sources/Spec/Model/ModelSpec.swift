/// A whole model as its spec file describes it, with every default filled in and every value checked.
///
/// Values come from `SpecLoader`, which is the only place where ranges and cross-field rules are checked; a spec built
/// in code is taken as it is.
public struct ModelSpec: Sendable, Equatable {
  /// Version of the spec format; this release reads version 1.
  public var formatVersion: Int
  /// Name of the model, used in reports and file names.
  public var name: String
  /// The images that the model works on.
  public var image: ImageSpec
  /// The factorized tokenizer.
  public var tokenizer: TokenizerSpec
  /// Frozen networks whose features supervise codebooks.
  public var teachers: [TeacherSpec]
  /// Weights and kinds of the tokenizer's losses.
  public var losses: LossesSpec
  /// The autoregressive generator; nil for a spec that only describes a tokenizer.
  public var generator: GeneratorSpec?
  /// Where training images come from; nil for a spec that is never trained.
  public var data: DataSpec?
  /// How both stages are trained.
  public var training: TrainingSpec
  /// How codes are sampled from the generator.
  public var sampling: SamplingSpec

  /// Creates a spec; everything that does not define the model has a default.
  public init(
    formatVersion: Int = 1,
    name: String,
    image: ImageSpec,
    tokenizer: TokenizerSpec,
    teachers: [TeacherSpec] = [],
    losses: LossesSpec = LossesSpec(),
    generator: GeneratorSpec? = nil,
    data: DataSpec? = nil,
    training: TrainingSpec = TrainingSpec(),
    sampling: SamplingSpec = SamplingSpec()
  ) {
    self.formatVersion = formatVersion
    self.name = name
    self.image = image
    self.tokenizer = tokenizer
    self.teachers = teachers
    self.losses = losses
    self.generator = generator
    self.data = data
    self.training = training
    self.sampling = sampling
  }
}

/// The images that a model works on: square, RGB.
public struct ImageSpec: Sendable, Equatable {
  /// Height and width in pixels.
  public var size: Int

  /// Creates an image description.
  public init(size: Int) {
    self.size = size
  }
}

extension ModelSpec {
  /// Pixels per token along one axis: 2^(levels - 1).
  public var downsample: Int { tokenizer.encoder.downsample }

  /// Tokens along one axis of the image.
  public var grid: Int { image.size / downsample }

  /// Token positions of one image: grid x grid. Each position holds one code per codebook.
  public var tokens: Int { grid * grid }

  /// The teacher of a codebook, if it has one.
  public func teacher(of book: CodebookSpec) -> TeacherSpec? {
    book.teacher.flatMap { name in teachers.first { $0.name == name } }
  }
}
