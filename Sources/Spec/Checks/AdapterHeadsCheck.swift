import Diagnostics

/// The adapter's width must split into its heads.
enum AdapterHeadsCheck: SpecCheck {
  static let reads = ["tokenizer.encoder.channels", "tokenizer.encoder.multipliers", "tokenizer.adapter.heads"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let width = spec.tokenizer.encoder.featureWidth
    let heads = spec.tokenizer.adapter.heads
    guard width % heads != 0 else { return [] }
    return [
      finding(
        "the adapters' width \(width) does not split into \(heads) heads",
        [
          Involved("tokenizer.adapter.heads", "\(width) / \(heads) leaves \(width % heads)"),
          Involved("tokenizer.encoder.channels", "width = \(spec.tokenizer.encoder.channels) x the last multiplier"),
        ], places,
        help: ["the nearest numbers of heads are \(Nearest.words(Nearest.divisors(of: width, around: heads)))"])
    ]
  }

  static let kind = DiagnosticKind(
    "F0303", "the adapters' width does not split into their heads",
    explanation: """
      An adapter is a transformer over the encoder's last feature map, so its width is channels x the last multiplier.
      Attention splits the width evenly among the heads.
      """,
    wrong: .text(DiagnosticKind.example("  codebooks:", "  adapter: { layers: 2, heads: 6 }\n  codebooks:")),
    right: DiagnosticKind.example("  codebooks:", "  adapter: { layers: 2, heads: 4 }\n  codebooks:"))
}
