import Diagnostics

/// Keeping more codes than there are is a mistake.
enum TopKCheck: SpecCheck {
  static let reads = ["sampling.top_k", "tokenizer.codebooks"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let largest = spec.tokenizer.codebooks.enumerated().max(by: { $0.element.size < $1.element.size }),
      spec.sampling.topK > largest.element.size
    else { return [] }
    return [
      finding(
        "`sampling.top_k` is \(spec.sampling.topK), but no codebook has so many entries",
        [
          Involved("sampling.top_k", "keeps \(spec.sampling.topK) codes"),
          Involved("tokenizer.codebooks[\(largest.offset)].size", "the largest has \(largest.element.size)"),
        ], places,
        help: ["write 0 to keep all codes, or at most \(largest.element.size)"])
    ]
  }

  static let kind = DiagnosticKind(
    "F0309", "top_k exceeds every codebook",
    explanation: """
      Top-k sampling keeps the k most likely codes of a codebook. A k above the size of every codebook keeps all of them;
      that is written as 0.
      """,
    wrong: .text(sampled(1000)), right: sampled(100))

  private static func sampled(_ k: Int) -> String {
    DiagnosticKind.smallestSpec + """

      generator: { layers: 4, width: 192, heads: 6, classes: 10 }
      sampling: { top_k: \(k) }
      """
  }
}
