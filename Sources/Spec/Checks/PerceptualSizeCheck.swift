import Diagnostics

/// VGG16's four poolings must leave a pixel.
enum PerceptualSizeCheck: SpecCheck {
  static let reads = ["losses.perceptual", "image.size"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard spec.losses.perceptual != nil, spec.image.size % 16 != 0 else { return [] }
    return [
      finding(
        "the perceptual loss needs images of a multiple of 16 pixels",
        [
          Involved("image.size", "\(spec.image.size) pixels"), Involved("losses.perceptual", "pools four times by two"),
        ], places,
        help: ["write \(Nearest.words(Nearest.multiples(of: 16, around: spec.image.size))), or remove `perceptual`"])
    ]
  }

  static let kind = DiagnosticKind(
    "F0317", "the image size does not suit the perceptual loss",
    explanation: """
      LPIPS compares features of VGG16 at five depths, between which the image is halved four times.
      """,
    wrong: .text(
      DiagnosticKind.example("image: { size: 64 }", "image: { size: 24 }")
        + "\nlosses: { perceptual: { weights: vgg16-lpips.safetensors } }"),
    right: DiagnosticKind.smallestSpec + "\nlosses: { perceptual: { weights: vgg16-lpips.safetensors } }")
}
