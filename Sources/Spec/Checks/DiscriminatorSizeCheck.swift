import Diagnostics

/// The discriminator's layers must leave something of the image.
enum DiscriminatorSizeCheck: SpecCheck {
  static let reads = ["losses.adversarial.discriminator", "image.size"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    guard let discriminator = spec.losses.adversarial?.discriminator else { return [] }
    let size = spec.image.size
    let (kind, layers) = (discriminator.kind, discriminator.layers)
    guard !fits(kind, layers, size) else { return [] }
    let most = (1...10).last { fits(kind, $0, size) }
    return [
      finding(
        "\(layers) layers of a `\(kind.rawValue)` discriminator do not fit images of \(size) pixels",
        [
          Involved("losses.adversarial.discriminator.layers", "\(layers) layers"),
          Involved("image.size", "\(size) pixels"),
        ], places,
        help: [most.map { "write at most `layers: \($0)`" } ?? "use larger images"])
    ]
  }

  /// Whether the map of logits has at least one pixel (patchgan), or halving leaves whole pixels (residual).
  private static func fits(_ kind: DiscriminatorSpec.Kind, _ layers: Int, _ size: Int) -> Bool {
    switch kind {
    case .patchgan: (size >> layers) >= 3 && size % (1 << layers) == 0
    case .residual: (size >> layers) >= 2 && size % (1 << layers) == 0
    }
  }

  static let kind = DiagnosticKind(
    "F0314", "the discriminator is too deep for the images",
    explanation: """
      Each layer of a discriminator halves the image, the last two of `patchgan` take a pixel off each. Nothing would be
      left to judge, or halves would not be whole pixels.
      """,
    wrong: .text(
      DiagnosticKind.smallestSpec + "\nlosses: { adversarial: { start: 0.4, discriminator: { layers: 7 } } }"),
    right: DiagnosticKind.smallestSpec + "\nlosses: { adversarial: { start: 0.4, discriminator: { layers: 3 } } }")
}
