import Diagnostics

/// The generator's width must split into its heads.
enum GeneratorHeadsCheck: SpecCheck {
  static let reads = ["generator.width", "generator.heads"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let generator = spec.generator, generator.width % generator.heads != 0 else { return [] }
    let (width, heads) = (generator.width, generator.heads)
    return [
      finding(
        "the generator's width \(width) does not split into \(heads) heads",
        [
          Involved("generator.heads", "\(width) / \(heads) leaves \(width % heads)"),
          Involved("generator.width", "width \(width)"),
        ], places,
        help: Nearest.heads(heads, width: width))
    ]
  }

  static let kind = DiagnosticKind(
    "F0306", "the generator's width does not split into its heads",
    explanation: "Attention splits the width evenly among the heads, so the width must be a multiple of their number.",
    wrong: .text(DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 200, heads: 6, classes: 10 }"),
    right: DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 192, heads: 6, classes: 10 }")
}
