import Diagnostics

/// The factorized head turns its steps by rows of the backbone's rotary table, so there must be enough of them.
enum HeadRowsCheck: SpecCheck {
  static let reads = ["generator", "tokenizer.codebooks", "tokenizer.encoder.multipliers", "image.size"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let (books, rows) = (spec.tokenizer.codebooks.count, spec.tokens + 1)
    guard spec.generator != nil, books > rows else { return [] }
    return [
      finding(
        "the generator's head has \(books) steps, but the images only \(spec.tokens) tokens",
        [
          Involved("tokenizer.codebooks", "\(books) codebooks, a step for each"),
          Involved("image.size", "\(spec.grid) x \(spec.grid) tokens"),
        ], places,
        notes: ["the head turns its steps by the rotary rows of the class and of the tokens, which are \(rows)"],
        help: ["use larger images, fewer levels or fewer codebooks"])
    ]
  }

  static let kind = DiagnosticKind(
    "F0327", "more codebooks than the head has rows for",
    explanation: """
      For every token the generator's head predicts one code after another. Step i turns by row i of the table that
      knows the class (row 0) and the tokens (row 1 and up), so there can be one codebook more than tokens at most.
      """,
    wrong: .text(small("image: { size: 8 }")), right: small("image: { size: 16 }"))

  private static func small(_ image: String) -> String {
    DiagnosticKind.example("image: { size: 64 }", image).replacing(
      "    - { name: visual, size: 512 }",
      with: ["a", "b", "c"].map { "    - { name: \($0), size: 512 }" }.joined(separator: "\n"))
      + "\ngenerator: { layers: 4, width: 192, heads: 6, classes: 10 }"
  }
}
