import Diagnostics

/// The width of a prediction head, which is its teacher's, splits into its attention heads.
enum PredictionHeadsCheck: SpecCheck {
  static let reads = ["teachers", "losses.representation.heads"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let heads = spec.losses.representation.heads
    let wrong = spec.teachers.enumerated().first { $0.element.width % heads != 0 }
    guard let (index, teacher) = wrong.map({ ($0.offset, $0.element) }) else { return [] }
    return [
      finding(
        "the width \(teacher.width) of the teacher \(Diagnostic.quote(teacher.name)) does not split into \(heads) heads",
        [
          Involved("teachers[\(index)].width", "width \(teacher.width)"),
          Involved("losses.representation.heads", "\(heads) heads"),
        ], places,
        help: [
          "the nearest numbers for `losses.representation.heads` are "
            + Nearest.words(Nearest.divisors(of: teacher.width, around: heads))
        ])
    ]
  }

  static let kind = DiagnosticKind(
    "F0318", "a teacher's width does not split into the prediction heads",
    explanation: """
      The head that predicts a teacher's feature is a transformer as wide as the feature; its attention splits that width
      evenly.
      """,
    wrong: .text(taught(width: 1020)), right: taught(width: 1024))

  private static func taught(width: Int) -> String {
    DiagnosticKind.example(
      "    - { name: visual, size: 512 }", "    - { name: visual, size: 512, teacher: clip }") + """

        teachers:
          - { name: clip, kind: clip-vit, weights: clip.safetensors, width: \(width) }
        """
  }
}
