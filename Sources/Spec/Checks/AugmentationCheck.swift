import Diagnostics

/// An augmentation does something, and at least to a pixel.
enum AugmentationCheck: SpecCheck {
  static let reads = ["losses.adversarial", "image.size"]
  private static let path = "losses.adversarial.augment"

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let augmentation = spec.losses.adversarial?.augment else { return [] }
    if augmentation.color == 0 && augmentation.translation == 0 && augmentation.cutout == 0 {
      return [
        finding(
          "the augmentation changes nothing",
          [Involved(path, "`color`, `translation` and `cutout` are 0")], places, help: ["remove `augment`"])
      ]
    }
    let size = spec.image.size
    return [
      ("translation", augmentation.translation, augmentation.shift(of: size)),
      ("cutout", augmentation.cutout, augmentation.hole(of: size)),
    ].filter { $0.1 > 0 && $0.2 == 0 }.map { key, share, _ in
      finding(
        "`\(key)` is less than half a pixel",
        [
          Involved("\(path).\(key)", "\(SpecValue.text(of: share * Double(size))) pixels"),
          Involved("image.size", "\(size) pixels"),
        ], places,
        help: ["write at least \(SpecValue.text(of: 1 / Double(size))), which is a pixel, or 0 to turn it off"])
    }
  }

  static let kind = DiagnosticKind(
    "F0324", "an augmentation without effect",
    explanation: """
      `translation` and `cutout` are shares of the image's side and are rounded to whole pixels; one that rounds to none
      would do nothing. So would an augmentation of which all three parts are 0.
      """,
    wrong: .text(augmented("translation: 0.005")), right: augmented("translation: 0.125"))

  private static func augmented(_ part: String) -> String {
    DiagnosticKind.smallestSpec + "\nlosses: { adversarial: { start: 0.3, augment: { \(part) } } }"
  }
}
