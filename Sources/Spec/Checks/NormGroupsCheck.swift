import Diagnostics

/// GroupNorm needs whole groups at every level.
enum NormGroupsCheck: SpecCheck {
  static let reads = [
    "tokenizer.encoder.channels", "tokenizer.encoder.norm_groups",
  ]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let encoder = spec.tokenizer.encoder
    let groups = encoder.normGroups
    // The first block normalizes the base channels themselves, and every level is a multiple of them.
    guard encoder.channels % groups != 0 else { return [] }
    let channels = Nearest.multiples(of: groups, around: encoder.channels)
    let divisors = Nearest.divisors(of: encoder.channels, around: groups)
    return [
      finding(
        "\(encoder.channels) channels do not fall into \(groups) groups",
        [
          Involved(
            "tokenizer.encoder.channels", "\(encoder.channels) / \(groups) leaves \(encoder.channels % groups)"),
          Involved("tokenizer.encoder.norm_groups", "\(groups) groups per GroupNorm"),
        ], places,
        help: [
          "the nearest channel counts are \(Nearest.words(channels))",
          "or set `norm_groups` to \(Nearest.words(divisors))",
        ])
    ]
  }

  static let kind = DiagnosticKind(
    "F0302", "channels do not fall into GroupNorm's groups",
    explanation: """
      Every ResNet block normalizes groups of channels, 32 groups unless `norm_groups` says otherwise. The base channels
      must be a multiple of the number of groups; then channels x multiplier of every level is one too.
      """,
    wrong: .text(
      DiagnosticKind.example(
        "  encoder: { channels: 32, multipliers: [1, 2, 2, 4] }",
        "  encoder: { channels: 48, multipliers: [1, 2, 2, 4] }"
      )),
    right: DiagnosticKind.example(
      "  encoder: { channels: 32, multipliers: [1, 2, 2, 4] }",
      "  encoder: { channels: 48, multipliers: [1, 2, 2, 4], norm_groups: 16 }"))
}
