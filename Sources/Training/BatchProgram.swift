import Imaging
import Runtime
import Spec

/// A program that works on batches of images of a model, with images and codes as the rest of the library holds them.
final class BatchProgram {
  private let spec: ModelSpec
  private let program: Executable
  /// Images per run.
  let batch: Int

  /// Binds a program that was built for a batch of this size.
  init(_ program: Executable, _ spec: ModelSpec, batch: Int) {
    self.spec = spec
    self.program = program
    self.batch = batch
  }

  /// Fills the input `image` with images and, past the last, zeros.
  func write(_ images: [Image]) throws {
    precondition(images.count <= batch, "too many images for one batch")
    let input = try program.input("image")
    let count = input.count / batch
    for (index, image) in images.enumerated() {
      _ = UnsafeMutableBufferPointer(rebasing: input[index * count..<(index + 1) * count]).update(from: image.pixels)
    }
    UnsafeMutableBufferPointer(rebasing: input[(images.count * count)...]).update(repeating: 0)
  }

  /// Fills the inputs `codes.<name>` with a range of images' codes by sub-codebook and, past the last, zeros.
  func write(_ codes: [[Int32]], _ range: Range<Int>) throws {
    let tokens = spec.tokens
    for (book, codes) in zip(spec.tokenizer.codebooks, codes) {
      let input = try program.integerInput("codes.\(book.name)")
      input.update(repeating: 0)
      _ = input.update(from: codes[range.lowerBound * tokens..<range.upperBound * tokens])
    }
  }

  func run() { program.run() }

  /// The codes of the first images by sub-codebook, [images * tokens].
  func codes(of images: Int) throws -> [[Int32]] {
    try spec.tokenizer.codebooks.map {
      Array(try program.integerOutput("codes.\($0.name)").prefix(images * spec.tokens))
    }
  }

  /// The first images of the output `image`.
  func images(_ count: Int) throws -> [Image] {
    let size = spec.image.size
    return try rows(of: "image", count).map { Image(width: size, height: size, pixels: Array($0)) }
  }

  /// What an output holds of each of the first images.
  func rows(of output: String, _ count: Int) throws -> [Slice<UnsafeBufferPointer<Float>>] {
    let values = try program.output(output)
    let stride = values.count / batch
    return (0..<count).map { values[$0 * stride..<($0 + 1) * stride] }
  }
}
