import Spec
import Storage

/// The codes of a set of images: what the generator trains on, and what `facet tokenize` writes.
public struct CodeSet: Sendable, Equatable {
  /// Codes by sub-codebook, [samples * tokens].
  public var codes: [[Int32]]
  /// Class of each sample.
  public var labels: [Int32]
  /// Tokens of one sample.
  public var tokens: Int
  /// Steps of the tokenizer that made the codes; nil for random weights.
  public var tokenizerStep: Int?

  /// No samples yet, of a model's shape.
  public init(_ spec: ModelSpec, tokenizerStep: Int? = nil) {
    codes = spec.tokenizer.codebooks.map { _ in [] }
    labels = []
    tokens = spec.tokens
    self.tokenizerStep = tokenizerStep
  }

  /// Number of samples.
  public var count: Int { labels.count }

  private static let format = "facet-codes-1"

  /// Writes the codes as i32 tensors `codes.<name>` [samples, tokens] and `labels` [samples].
  public func save(_ path: String, books: [CodebookSpec]) throws {
    var sources = zip(books, codes).map {
      TensorSource(name: "codes.\($0.name)", shape: [count, tokens], values: .integers($1))
    }
    sources.append(TensorSource(name: "labels", shape: [count], values: .integers(labels)))
    var metadata = ["format": Self.format]
    metadata["tokenizer_step"] = tokenizerStep.map(String.init)
    try SafetensorsWriter.write(path: path, tensors: sources, metadata: metadata)
  }

  /// Reads codes and checks that each lies in its codebook.
  public static func load(_ path: String, _ spec: ModelSpec) throws -> CodeSet {
    let file = try SafetensorsFile(path: path)
    guard file.metadata["format"] == format else {
      throw CheckpointError(description: "\(path): this is not a file of codes; `facet tokenize` writes one")
    }
    var result = CodeSet(spec, tokenizerStep: file.metadata["tokenizer_step"].flatMap(Int.init))
    result.labels = try file.int32s("labels")
    for (index, book) in spec.tokenizer.codebooks.enumerated() {
      let name = "codes.\(book.name)"
      let shape = try file.entry(name).shape
      guard shape == [result.count, spec.tokens] else {
        throw CheckpointError(
          description: "\(path): '\(name)' has shape \(shape), the model needs [\(result.count), \(spec.tokens)]")
      }
      let codes = try file.int32s(name)
      if let wrong = codes.firstIndex(where: { $0 < 0 || $0 >= Int32(book.size) }) {
        throw CheckpointError(
          description: "\(path): '\(name)' holds \(codes[wrong]) at \(wrong), but the codebook has \(book.size) entries"
        )
      }
      result.codes[index] = codes
    }
    return result
  }
}
