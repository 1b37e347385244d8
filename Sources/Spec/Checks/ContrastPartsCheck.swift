import Diagnostics

/// In-batch contrast needs images to contrast with in every part of a batch.
enum ContrastPartsCheck: SpecCheck {
  static let reads = ["training.tokenizer", "losses.representation", "tokenizer.codebooks"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let (stage, loss) = (spec.training.tokenizer, spec.losses.representation)
    guard loss.weight > 0, loss.kind == .contrast, spec.tokenizer.codebooks.contains(where: { $0.teacher != nil }),
      stage.batch == stage.accumulate
    else { return [] }
    let size = Involved("training.tokenizer.batch", stage.batch == 1 ? "1 image" : "\(stage.batch) images")
    let parts = Involved("training.tokenizer.accumulate", "\(stage.accumulate) parts of one image each")
    return [
      finding(
        "in-batch contrast has no other image to contrast with",
        (stage.accumulate > 1 ? [parts, size] : [size])
          + [Involved("losses.representation.kind", "compares with the features of the other images")],
        places,
        help: ["use a larger batch or fewer parts", "or write `kind: cosine`, which looks at one image at a time"])
    ]
  }

  static let kind = DiagnosticKind(
    "F0323", "a contrast of one image with itself",
    explanation: """
      The representation loss of kind `contrast` tells an image's feature from those of the others in the batch, or in
      the part of the batch where `accumulate` divides it. With one image it is 0 and teaches nothing.
      """,
    wrong: .text(supervised("batch: 8, accumulate: 8")), right: supervised("batch: 8, accumulate: 4"))

  private static func supervised(_ stage: String) -> String {
    DiagnosticKind.example("    - { name: visual, size: 512 }", "    - { name: visual, size: 512, teacher: dino }")
      + """

      teachers:
        - { name: dino, kind: dinov2, weights: dinov2.safetensors, width: 384 }
      training: { tokenizer: { \(stage) } }
      """
  }
}
