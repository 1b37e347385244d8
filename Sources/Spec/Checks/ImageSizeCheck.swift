import Diagnostics

/// The image must be cut into whole tokens.
enum ImageSizeCheck: SpecCheck {
  static let reads = ["image.size", "tokenizer.encoder.multipliers"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let size = spec.image.size
    let step = spec.downsample
    guard size % step != 0 else { return [] }
    let levels = spec.tokenizer.encoder.levels
    return [
      finding(
        "the image size \(size) is not a multiple of \(step)",
        [
          Involved("image.size", "\(size) / \(step) leaves \(size % step)"),
          Involved(
            "tokenizer.encoder.multipliers", "\(levels) levels halve the image \(levels - 1) times: \(step) pixels"),
        ], places,
        help: ["the nearest sizes are \(Nearest.words(Nearest.multiples(of: step, around: size)))"])
    ]
  }

  static let kind = DiagnosticKind(
    "F0301", "the image size is not a multiple of the downsampling",
    explanation: """
      Each level of the encoder after the first halves the image, so n levels make one token out of 2^(n-1) x 2^(n-1)
      pixels. The image size must be a multiple of that; otherwise rows of pixels would belong to no token.
      """,
    wrong: .text(DiagnosticKind.example("image: { size: 64 }", "image: { size: 60 }")),
    right: DiagnosticKind.smallestSpec)
}
