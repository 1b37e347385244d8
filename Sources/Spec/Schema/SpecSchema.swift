import Diagnostics

/// The declaration of the whole format.
enum SpecSchema {
  static let root = Record<ModelSpec>(
    "A model: a factorized visual tokenizer and, optionally, an autoregressive generator over its codes.",
    prototype: ModelSpec(
      name: "", image: ImageSpec(size: 0),
      tokenizer: TokenizerSpec(encoder: EncoderSpec(channels: 0, multipliers: []), codebooks: [])),
    fields: [
      Field("facet", \.formatVersion, .integer(1...1), synonyms: ["version"], "Version of the spec format."),
      Field(
        "name", \.name, .name(.file), required: "my-model", synonyms: ["title", "model_name"],
        "Name of the model, used in reports and file names."),
      Field(
        "image", \.image, image.rule, required: "{ size: 64 }", synonyms: ["images"],
        "The images that the model works on."),
      Field(
        "tokenizer", \.tokenizer, tokenizer.rule, required: "{ encoder: ..., codebooks: ... }",
        synonyms: ["vqgan", "vae", "autoencoder", "model"],
        "The factorized tokenizer: encoder, adapters, codebooks and decoder."),
      Field(
        "teachers", \.teachers, .list(of: teacher.rule, count: 0...16), synonyms: ["teacher", "supervisors"],
        "Frozen networks whose features supervise codebooks."),
      Field("losses", \.losses, losses.rule, synonyms: ["loss"], "The tokenizer's losses besides its quantizers'."),
      Field(
        "generator", optional: \.generator, generator.rule, absent: "the spec describes a tokenizer only",
        synonyms: ["transformer", "gpt", "ar"], "The autoregressive generator."),
      Field(
        "data", optional: \.data, data.rule, absent: "the spec can be compiled, but not trained",
        synonyms: ["dataset"], "Where training images come from."),
      Field("training", \.training, training.rule, synonyms: ["train", "trainer"], "How both stages are trained."),
      Field("sampling", \.sampling, sampling.rule, synonyms: ["sample"], "How codes are sampled from the generator."),
    ])

  static let image = Record<ImageSpec>(
    "The images that the model works on: square, RGB.", prototype: ImageSpec(size: 0),
    fields: [
      Field(
        "size", \.size, .integer(1...8192), required: "64", synonyms: ["image_size", "resolution", "height", "width"],
        "Height and width in pixels; a multiple of the encoder's downsampling.")
    ])

  // MARK: Search

  /// Every key of the format with its section, in the order of the declaration.
  private static let index: [(section: String, field: FieldShape)] = {
    var found: [(section: String, field: FieldShape)] = []
    func visit(_ record: RecordShape, _ section: String) {
      for field in record.fields {
        found.append((section, field))
        switch field.shape {
        case .record(let inner), .list(of: .record(let inner), _): visit(inner, SpecPath.join(section, field.key))
        default: break
        }
      }
    }
    visit(root.shape, "")
    return found
  }()

  /// The sections that have a key, those nearest to a path first.
  static func sections(having key: String, nearest path: String) -> [String] {
    nearestFirst(index.filter { $0.field.key == key }.map(\.section), to: path)
  }

  /// The path of a key that goes by another name, or is spelt nearly so, in another section.
  static func keyElsewhere(like key: String, nearest path: String) -> String? {
    let synonyms = index.filter { $0.field.synonyms.contains { Suggestion.sameWords($0, key) } }
    if !synonyms.isEmpty {
      return nearestFirst(synonyms.map { SpecPath.join($0.section, $0.field.key) }, to: path).first
    }
    guard let spelt = Suggestion.nearest(to: key, among: index.map(\.field.key)) else { return nil }
    return sections(having: spelt, nearest: path).first.map { SpecPath.join($0, spelt) }
  }

  private static func nearestFirst(_ paths: [String], to path: String) -> [String] {
    let here = SpecPath.withoutIndices(path).split(separator: ".")
    func shared(_ other: String) -> Int {
      zip(here, other.split(separator: ".")).prefix { $0 == $1 }.count
    }
    return paths.enumerated().sorted { (shared($0.element), -$0.offset) > (shared($1.element), -$1.offset) }
      .map(\.element)
  }
}
