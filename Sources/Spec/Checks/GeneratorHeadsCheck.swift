import Diagnostics

/// The generator's width must split into its heads.
enum GeneratorHeadsCheck: SpecCheck {
  static let reads = ["generator.width", "generator.heads"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let generator = spec.generator, generator.width % generator.heads != 0 else { return [] }
    let (width, heads) = (generator.width, generator.heads)
    let divisors = Nearest.divisors(of: width, around: heads) { width / $0 % 4 == 0 }
    let widths = Nearest.multiples(of: 4 * heads, around: width)
    return [
      finding(
        "the generator's width \(width) does not split into \(heads) heads",
        [
          Involved("generator.heads", "\(width) / \(heads) leaves \(width % heads)"),
          Involved("generator.width", "width \(width)"),
        ], places,
        help: (divisors.isEmpty ? [] : ["the nearest numbers of heads are \(Nearest.words(divisors))"])
          + ["the nearest widths for \(heads) heads are \(Nearest.words(widths))"])
    ]
  }

  static let kind = DiagnosticKind(
    "F0306", "the generator's width does not split into its heads",
    explanation: "Attention splits the width evenly among the heads, so the width must be a multiple of their number.",
    wrong: .text(DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 200, heads: 6, classes: 10 }"),
    right: DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 192, heads: 6, classes: 10 }")
}
