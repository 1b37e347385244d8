import Diagnostics

/// The 2-D rotary embedding turns pairs, half of them by the row and half by the column.
enum RotaryWidthCheck: SpecCheck {
  static let reads = ["generator.width", "generator.heads"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let generator = spec.generator, generator.width % generator.heads == 0, generator.headWidth % 4 != 0 else {
      return []
    }
    let (width, heads) = (generator.width, generator.heads)
    return [
      finding(
        "a head of the generator is \(generator.headWidth) wide, which is not a multiple of 4",
        [
          Involved("generator.heads", "\(width) / \(heads) = \(generator.headWidth)"),
          Involved("generator.width", "width \(width)"),
        ], places,
        notes: ["the 2-D rotary embedding turns pairs, half of them by the row and half by the column"],
        help: Nearest.heads(heads, width: width))
    ]
  }

  static let kind = DiagnosticKind(
    "F0307", "a head's width is not a multiple of 4",
    explanation: """
      The generator knows where a token stands by a 2-D rotary embedding: half of the pairs of each head turn with the
      row, the other half with the column. So width / heads must be a multiple of 4.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 180, heads: 6, classes: 10 }"),
    right: DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 192, heads: 6, classes: 10 }")
}
