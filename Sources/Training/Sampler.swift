import IR
import Models
import Runtime
import Spec

/// How codes are drawn from logits.
public struct SamplingSettings: Sendable, Equatable {
  /// Temperature; 0 takes the most likely code.
  public var temperature: Float
  /// Codes kept, 0 for all.
  public var topK: Int
  /// Probability mass kept, 1 for all.
  public var topP: Float

  /// Settings of the given values.
  public init(temperature: Float, topK: Int, topP: Float) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }
}

/// A spec without a generator was asked to generate.
public struct NoGeneratorError: Error, CustomStringConvertible {
  /// What to do about it.
  public var description: String
}

/// Draws code grids position by position with a key/value cache (method section 3).
public final class Sampler {
  private let prefill: Executable
  private let step: Executable
  private let books: [CodebookSpec]
  private let positions: Int
  private let classes: Int
  private let guidance: Float
  /// Images drawn together.
  public let count: Int

  /// A sampler of `count` images at a time; `guidance` above 1 runs conditional and unconditional rows together.
  public init(_ session: ModelSession, classes: Int, count: Int, guidance: Float) throws {
    guard let generator = Generator(session.spec, classes: classes) else {
      throw NoGeneratorError(description: "the spec has no 'generator' section, so there is nothing to generate with")
    }
    let guided = guidance > 1
    prefill = try session.compileDecoding(generator.prefillProgram(count: count, guided: guided))
    step = try session.compileDecoding(generator.stepProgram(count: count, guided: guided))
    books = session.spec.tokenizer.codebooks
    positions = generator.positions
    self.classes = classes
    self.guidance = guidance
    self.count = count
  }

  /// Codes [count * positions] of every sub-codebook, image by image.
  ///
  /// - Parameters:
  ///   - labels: One class per image, in 0..<classes.
  ///   - seed: The draw is a function of it, the round, the position and the row alone.
  ///   - round: Tells draws with one seed apart.
  public func generate(
    labels: [Int32], seed: Int32, round: Int32 = 0, settings: SamplingSettings
  ) throws -> [[Int32]] {
    precondition(labels.count == count, "one label per image")
    var result = books.map { _ in [Int32](repeating: 0, count: count * positions) }
    for position in 0..<positions {
      let program = position == 0 ? prefill : step
      if position == 0 {
        let rows = try prefill.integerInput("labels")
        for (index, label) in labels.enumerated() { rows[index] = label }
        for index in labels.count..<rows.count { rows[index] = Int32(classes) }
      } else {
        for (book, codes) in zip(books, result) {
          let target = try step.integerInput("codes.\(book.name)")
          for image in 0..<count { target[image] = codes[image * positions + position - 1] }
        }
      }
      try program.integerInput("position")[0] = Int32(position)
      let key = try program.integerInput("key")
      key[0] = seed
      key[1] = round
      let sampling = try program.input("sampling")
      sampling[0] = settings.temperature
      sampling[1] = Float(settings.topK)
      sampling[2] = settings.topP
      if guidance > 1 { try program.input("guidance")[0] = guidance }
      program.run()
      for (index, book) in books.enumerated() {
        let codes = try program.integerOutput("codes.\(book.name)")
        for image in 0..<count { result[index][image * positions + position] = codes[image] }
      }
    }
    return result
  }
}
