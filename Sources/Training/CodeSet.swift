import Imaging
import Models
import Runtime
import Spec
import Storage

/// The codes of a set of images: what the generator trains on.
public struct CodeSet: Sendable {
  /// Codes by sub-codebook, [samples * tokens].
  public var codes: [[Int32]]
  /// Class of each sample.
  public var labels: [Int32]
  /// Tokens of one sample.
  public var tokens: Int

  /// Number of samples.
  public var count: Int { labels.count }

  /// Encodes every image of the data, as the spec's `crops` says.
  public static func extract(
    _ session: ModelSession, _ data: TrainingData, onUnreadable: (String) -> Void
  ) throws -> CodeSet {
    let spec = session.spec
    let reconstructor = try Encoder(session, batch: 10)
    var result = CodeSet(codes: spec.tokenizer.codebooks.map { _ in [] }, labels: [], tokens: spec.tokens)
    var waiting: [Image] = []
    func flush() throws {
      guard !waiting.isEmpty else { return }
      for (index, codes) in try reconstructor.encode(waiting).enumerated() { result.codes[index] += codes }
      waiting.removeAll()
    }
    for index in 0..<data.folder.count {
      let views: [Image]
      let label: Int32
      do {
        let picture = try data.picture(index)
        label = data.folder.samples[index].label
        switch spec.training.generator.crops {
        case .single: views = [SquareCrop.center(picture, size: spec.image.size)]
        case .ten: views = TenCrop(size: spec.image.size).views(picture)
        }
      } catch {
        if spec.data?.onError == .fail { throw error }
        onUnreadable("\(error)")
        continue
      }
      for view in views {
        waiting.append(view)
        result.labels.append(label)
        if waiting.count == reconstructor.batch { try flush() }
      }
    }
    try flush()
    return result
  }

  /// Writes the codes as i32 tensors `codes.<name>` [samples, tokens] and `labels` [samples].
  public func save(_ path: String, books: [CodebookSpec]) throws {
    var sources: [TensorSource] = []
    func add(_ name: String, _ shape: [Int], _ values: [Int32], _ rest: () throws -> Void) throws {
      try values.withUnsafeBufferPointer {
        sources.append(TensorSource(name: name, shape: shape, values: .int32($0)))
        try rest()
      }
    }
    func write(_ index: Int) throws {
      if index < books.count {
        try add("codes.\(books[index].name)", [count, tokens], codes[index]) { try write(index + 1) }
      } else {
        try add("labels", [count], labels) {
          try SafetensorsWriter.write(path: path, tensors: sources, metadata: ["format": "facet-codes-1"])
        }
      }
    }
    try write(0)
  }

  /// Reads codes and checks that each lies in its codebook.
  public static func load(_ path: String, _ spec: ModelSpec) throws -> CodeSet {
    let file = try SafetensorsFile(path: path)
    var result = CodeSet(codes: [], labels: try file.int32s("labels"), tokens: spec.tokens)
    for book in spec.tokenizer.codebooks {
      let name = "codes.\(book.name)"
      let codes = try file.int32s(name)
      guard try file.entry(name).shape == [result.count, spec.tokens] else {
        throw CheckpointError(
          description:
            "\(path): '\(name)' has shape \(try file.entry(name).shape), [\(result.count), \(spec.tokens)] is needed")
      }
      if let wrong = codes.firstIndex(where: { $0 < 0 || $0 >= Int32(book.size) }) {
        throw CheckpointError(
          description: "\(path): '\(name)' holds \(codes[wrong]) at \(wrong), but the codebook has \(book.size) entries"
        )
      }
      result.codes.append(codes)
    }
    return result
  }
}

/// Encodes batches of images to codes.
public final class Encoder {
  private let session: ModelSession
  private let program: Executable
  /// Images per run.
  public let batch: Int

  /// Compiles encoding for batches of a size.
  public init(_ session: ModelSession, batch: Int) throws {
    self.session = session
    self.batch = batch
    program = try session.compile(Tokenizer(session.spec).encodeProgram(batch: batch))
  }

  /// Codes by sub-codebook, [images * tokens], of up to `batch` images.
  public func encode(_ images: [Image]) throws -> [[Int32]] {
    let count = session.spec.image.size * session.spec.image.size * 3
    let input = try program.input("image")
    for (index, image) in images.enumerated() {
      for (offset, value) in image.pixels.enumerated() { input[index * count + offset] = value }
    }
    for index in images.count * count..<input.count { input[index] = 0 }
    program.run()
    return try session.spec.tokenizer.codebooks.map {
      Array(try program.integerOutput("codes.\($0.name)").prefix(images.count * session.spec.tokens))
    }
  }
}

/// Decodes codes to images.
public final class Decoder {
  private let session: ModelSession
  private let program: Executable
  /// Images per run.
  public let batch: Int

  /// Compiles decoding for batches of a size.
  public init(_ session: ModelSession, batch: Int) throws {
    self.session = session
    self.batch = batch
    program = try session.compile(Tokenizer(session.spec).decodeProgram(batch: batch))
  }

  /// Images of codes by sub-codebook, [images * tokens], any number of images.
  public func decode(_ codes: [[Int32]]) throws -> [Image] {
    let (size, tokens) = (session.spec.image.size, session.spec.tokens)
    let total = codes[0].count / tokens
    var images: [Image] = []
    for first in stride(from: 0, to: total, by: batch) {
      let count = min(batch, total - first)
      for (book, codes) in zip(session.spec.tokenizer.codebooks, codes) {
        let input = try program.integerInput("codes.\(book.name)")
        for index in 0..<input.count { input[index] = index < count * tokens ? codes[first * tokens + index] : 0 }
      }
      program.run()
      let output = try program.output("image")
      let stride = size * size * 3
      for index in 0..<count {
        images.append(
          Image(width: size, height: size, pixels: Array(output[index * stride..<(index + 1) * stride])))
      }
    }
    return images
  }
}
