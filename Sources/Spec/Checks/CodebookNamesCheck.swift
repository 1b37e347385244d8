import Diagnostics

/// Codebooks are told apart by their names.
enum CodebookNamesCheck: SpecCheck {
  static let reads = ["tokenizer.codebooks"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    var first: [String: Int] = [:]
    var found: [Diagnostic] = []
    for (index, book) in spec.tokenizer.codebooks.enumerated() {
      // Names become file names, and some file systems do not tell `A` from `a`.
      guard let earlier = first[book.name.lowercased()] else {
        first[book.name.lowercased()] = index
        continue
      }
      found.append(
        finding(
          "two codebooks are named `\(book.name)`",
          [
            Involved("tokenizer.codebooks[\(index)].name", "the same name again"),
            Involved("tokenizer.codebooks[\(earlier)].name", "first used here"),
          ], places,
          notes: ["names tell parameters, files and metrics of codebooks apart; upper and lower case are one"]))
    }
    return found
  }

  static let kind = DiagnosticKind(
    "F0304", "two codebooks have one name",
    explanation: """
      Parameters, code files and metrics of a codebook carry its name, so each codebook needs its own. Names that differ
      only in upper and lower case count as one, since they may become file names.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\n    - { name: visual, size: 512 }"),
    right: DiagnosticKind.smallestSpec + "\n    - { name: semantic, size: 512 }")
}
