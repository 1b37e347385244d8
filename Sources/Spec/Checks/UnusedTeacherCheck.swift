import Diagnostics

/// A teacher that teaches nobody has no effect.
enum UnusedTeacherCheck: SpecCheck {
  static let reads = ["tokenizer.codebooks", "teachers"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let used = Set(spec.tokenizer.codebooks.compactMap(\.teacher))
    return spec.teachers.enumerated().compactMap { index, teacher in
      if let first = spec.teachers.firstIndex(where: { $0.name == teacher.name }), first < index {
        return finding(
          "two teachers are called \(Diagnostic.quote(teacher.name))",
          [Involved("teachers[\(index)].name", "the second is never used"), Involved("teachers[\(first)].name", "")],
          places, help: ["give it another name"])
      }
      guard !used.contains(teacher.name) else { return nil }
      return finding(
        "no codebook learns from the teacher \(Diagnostic.quote(teacher.name))",
        [Involved("teachers[\(index)].name", "has no effect")], places,
        help: ["write `teacher: \(teacher.name)` in a codebook, or remove the teacher"])
    }
  }

  static let kind = DiagnosticKind(
    "F0316", "a teacher without a codebook", severity: .warning,
    explanation: """
      A network declared under `teachers` supervises the codebooks that name it. Without one it is not even loaded.
      """,
    wrong: .text(
      DiagnosticKind.smallestSpec
        + "\nteachers: [{ name: clip, kind: clip-vit, weights: clip.safetensors, width: 1024 }]"),
    right: DiagnosticKind.smallestSpec)
}
