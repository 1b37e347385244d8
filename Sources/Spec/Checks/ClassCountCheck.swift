import Diagnostics

/// The generator's class table needs a size.
enum ClassCountCheck: SpecCheck {
  static let reads = ["generator", "data"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let generator = spec.generator, generator.classes == nil, spec.data == nil else { return [] }
    return [
      Diagnostic(
        kind, "the number of classes of the generator is unknown",
        at: places.section("generator"),
        notes: [
          "without `generator.classes` the class folders of the data are counted, but there is no `data` section"
        ],
        help: [
          "add `classes: 1000` (1 for a generator without classes) to `generator`", "or add `data: { path: ... }`",
        ])
    ]
  }

  static let kind = DiagnosticKind(
    "F0308", "the number of classes is unknown",
    explanation: """
      The generator has one embedding per class. Their number is `generator.classes`, or the number of class folders in
      `data.path`; a spec with a generator needs one of the two.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 192, heads: 6 }"),
    right: DiagnosticKind.smallestSpec + "\ngenerator: { layers: 4, width: 192, heads: 6, classes: 10 }")
}
