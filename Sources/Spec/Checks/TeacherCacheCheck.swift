import Diagnostics

/// Kept features are of use only where image views come back.
enum TeacherCacheCheck: SpecCheck {
  static let reads = ["teachers", "data"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard spec.data?.crop == .random else { return [] }
    return spec.teachers.enumerated().compactMap { index, teacher in
      guard teacher.cache else { return nil }
      return finding(
        "features of random crops cannot be kept: no crop comes back",
        [Involved("teachers[\(index)].cache", "would grow without use"), Involved("data.crop", "`random`")], places,
        help: ["write `crop: center`, or remove `cache`"])
    }
  }

  static let kind = DiagnosticKind(
    "F0319", "teacher features are kept, but views never repeat",
    explanation: """
      `cache` keeps the feature of every image view (each picture and its mirror image), so that the teacher runs once per
      view. With `crop: random` every view is new and the cache would only fill the disk.
      """,
    wrong: .text(cached("random")), right: cached("center"))

  private static func cached(_ crop: String) -> String {
    DiagnosticKind.example(
      "    - { name: visual, size: 512 }", "    - { name: visual, size: 512, teacher: clip }") + """

        teachers:
          - { name: clip, kind: clip-vit, weights: clip.safetensors, width: 1024, cache: true }
        data: { path: images, crop: \(crop) }
        """
  }
}
