import Diagnostics

/// Perturbed codes need learned neighbours, enough of them, and shares that are shares.
enum PerturbationCheck: SpecCheck {
  static let reads = ["tokenizer.codebooks", "tokenizer.quantizer"]
  private static let path = "tokenizer.quantizer.perturbation"

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let quantizer = spec.tokenizer.quantizer
    guard let perturbation = quantizer.perturbation else { return [] }
    guard quantizer.kind == .vq || quantizer.kind == .residual else {
      return [
        finding(
          "the kind `\(quantizer.kind.rawValue)` has no table of entries whose codes could be perturbed",
          [
            Involved(path, "needs learned vectors"),
            Involved("tokenizer.quantizer.kind", "`\(quantizer.kind.rawValue)`"),
          ], places, help: ["remove `perturbation`, or write `kind: vq`"])
      ]
    }
    var found: [Diagnostic] = []
    for (index, book) in spec.tokenizer.codebooks.enumerated() where perturbation.nearest >= book.size {
      found.append(
        finding(
          "an entry of `\(book.name)` does not have \(perturbation.nearest) neighbours",
          [
            Involved("\(path).nearest", "\(perturbation.nearest) other entries"),
            Involved("tokenizer.codebooks[\(index)].size", "\(book.size) entries, so \(book.size - 1) others"),
          ], places, help: ["write at most \(book.size - 1)"]))
    }
    let first = perturbation.tokens * perturbation.schedule.from
    if perturbation.schedule.kind != .constant, first > 1 {
      found.append(
        finding(
          "more than all codes would be perturbed",
          [
            Involved(
              "\(path).schedule.from",
              "\(SpecValue.text(of: perturbation.schedule.from)) times `tokens` is \(SpecValue.text(of: first))"),
            Involved("\(path).tokens", SpecValue.text(of: perturbation.tokens)),
          ], places, help: ["write at most \(SpecValue.text(of: 1 / perturbation.tokens))"]))
    }
    return found
  }

  static let kind = DiagnosticKind(
    "F0322", "a perturbation of codes that the codebooks cannot have",
    explanation: """
      `perturbation` replaces a code by that of one of the `nearest` other entries next to its own, so every codebook
      needs more entries than that. Codes of `fsq` and `lfq` quantizers are not looked up in a table of learned entries.
      A schedule multiplies `tokens`, whose product with `from` is a share, too.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\n  quantizer: { perturbation: { nearest: 512 } }"),
    right: DiagnosticKind.smallestSpec + "\n  quantizer: { perturbation: { nearest: 100 } }")
}
