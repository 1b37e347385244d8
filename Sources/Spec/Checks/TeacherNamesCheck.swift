import Diagnostics

/// A codebook's teacher must be there.
enum TeacherNamesCheck: SpecCheck {
  static let reads = ["tokenizer.codebooks", "teachers"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let names = spec.teachers.map(\.name)
    return spec.tokenizer.codebooks.enumerated().compactMap { index, book in
      guard let teacher = book.teacher, !names.contains(teacher) else { return nil }
      let guess = Suggestion.nearest(to: teacher, among: names).map { ["did you mean `\($0)`?"] } ?? []
      let known = names.isEmpty ? "the spec has no teachers" : "teachers: \(names.joined(separator: ", "))"
      return finding(
        "there is no teacher \(Diagnostic.quote(teacher))",
        [Involved("tokenizer.codebooks[\(index)].teacher", "not among the teachers")], places, notes: [known],
        help: guess + ["declare it under `teachers`, or remove `teacher`"])
    }
  }

  static let kind = DiagnosticKind(
    "F0315", "a codebook's teacher does not exist",
    explanation: """
      `teacher` of a codebook names one of the networks declared under `teachers`, whose class feature the codes of that
      codebook learn to predict.
      """,
    wrong: .text(
      DiagnosticKind.example(
        "    - { name: visual, size: 512 }", "    - { name: visual, size: 512, teacher: clip }")),
    right: DiagnosticKind.example(
      "    - { name: visual, size: 512 }", "    - { name: visual, size: 512, teacher: clip }") + """

        teachers:
          - { name: clip, kind: clip-vit, weights: clip-vit-large-patch14.safetensors, width: 1024 }
        """)
}
