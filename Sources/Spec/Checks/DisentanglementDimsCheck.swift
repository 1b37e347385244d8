import Diagnostics

/// The disentanglement loss compares codes of different codebooks, which needs equal dimensions.
enum DisentanglementDimsCheck: SpecCheck {
  static let reads = ["tokenizer.codebooks", "losses.disentanglement.weight"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard spec.losses.disentanglement.weight > 0, let first = spec.tokenizer.codebooks.first else { return [] }
    let others = spec.tokenizer.codebooks.enumerated().filter { $0.element.dim != first.dim }
    guard let other = others.first else { return [] }
    return [
      finding(
        "the disentanglement loss cannot compare codes of dimensions \(first.dim) and \(other.element.dim)",
        [
          Involved(
            "tokenizer.codebooks[\(other.offset)].dim", "`\(other.element.name)` has \(other.element.dim)"),
          Involved("tokenizer.codebooks[0].dim", "`\(first.name)` has \(first.dim)"),
          Involved("losses.disentanglement.weight", "weight \(spec.losses.disentanglement.weight)"),
        ], places,
        help: [
          "give all codebooks one dimension", "or turn the loss off: `losses: { disentanglement: { weight: 0 } }`",
        ]
      )
    ]
  }

  static let kind = DiagnosticKind(
    "F0305", "the disentanglement loss needs codebooks of one dimension",
    explanation: """
      The loss is the mean squared cosine between the codes of every pair of codebooks at the same position. A cosine
      exists only between vectors of equal length. The loss is on by default, with the paper's weight of 0.1.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\n    - { name: semantic, size: 512, dim: 16 }"),
    right: DiagnosticKind.smallestSpec + """

          - { name: semantic, size: 512, dim: 16 }
      losses: { disentanglement: { weight: 0 } }
      """)
}
