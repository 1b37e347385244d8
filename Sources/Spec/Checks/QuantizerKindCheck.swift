import Diagnostics

/// The codebooks must suit the quantizer's kind.
enum QuantizerKindCheck: SpecCheck {
  static let reads = ["tokenizer.codebooks", "tokenizer.quantizer"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let quantizer = spec.tokenizer.quantizer
    let kind = Involved("tokenizer.quantizer.kind", "`\(quantizer.kind.rawValue)`")
    var found: [Diagnostic] = []
    for (index, book) in spec.tokenizer.codebooks.enumerated() {
      let path = "tokenizer.codebooks[\(index)]"
      switch quantizer.kind {
      case .vq, .residual:
        if !book.levels.isEmpty {
          found.append(
            finding(
              "learned vectors have no `levels`", [Involved("\(path).levels", "has no effect"), kind], places,
              help: ["write `kind: fsq` in the quantizer, or remove `levels`"]))
        }
        if quantizer.kind == .residual, book.dim != spec.tokenizer.codebooks[0].dim {
          found.append(
            finding(
              "residual codebooks quantize one latent and need one dimension",
              [
                Involved("\(path).dim", "\(book.dim)"),
                Involved("tokenizer.codebooks[0].dim", "\(spec.tokenizer.codebooks[0].dim)"), kind,
              ],
              places, help: ["give all codebooks one dimension"]))
        }
      case .fsq:
        let product = book.levels.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
        if book.levels.count != book.dim || product != book.size {
          let levels = book.levels.isEmpty ? "no levels" : "levels \(book.levels), product \(product)"
          found.append(
            finding(
              "the grid of `\(book.name)` does not have `dim` levels with the product `size`",
              [
                Involved("\(path).levels", levels), Involved("\(path).size", "\(book.size) entries"),
                Involved("\(path).dim", "\(book.dim) dimensions"), kind,
              ], places, help: ["for example `size: 240, dim: 3, levels: [8, 6, 5]`"]))
        }
      case .lfq:
        if book.dim > 24 || book.size != 1 << book.dim || !book.levels.isEmpty {
          found.append(
            finding(
              "a cube of \(book.dim) dimensions does not have \(book.size) corners",
              [
                Involved("\(path).size", "\(book.size) entries"), Involved("\(path).dim", "\(book.dim) dimensions"),
                kind,
              ], places, help: ["the size is 2^dim: for example `size: 1024, dim: 10`"]))
        }
      }
    }
    let fixed = quantizer.kind == .fsq || quantizer.kind == .lfq
    for (isSet, key) in [
      (quantizer.ema > 0, "ema"), (quantizer.restart.every > 0, "restart"), (quantizer.start == .kmeans, "start"),
    ] where fixed && isSet {
      found.append(
        finding(
          "fixed entries cannot be changed by `\(key)`",
          [Involved("tokenizer.quantizer.\(key)", "needs learned vectors"), kind], places, help: ["remove `\(key)`"]))
    }
    if quantizer.normalize && (quantizer.kind == .fsq || quantizer.kind == .residual) {
      found.append(
        finding(
          "`normalize` does not suit the kind `\(quantizer.kind.rawValue)`",
          [Involved("tokenizer.quantizer.normalize", "unit vectors"), kind], places,
          help: ["remove `normalize`: a grid and the rests of a latent are not on a sphere"]))
    }
    return found
  }

  static let kind = DiagnosticKind(
    "F0320", "the codebooks do not suit the quantizer",
    explanation: """
      `fsq` codebooks are grids: one number of `levels` per dimension, whose product is the size. `lfq` codebooks are the
      2^dim corners of a cube. `residual` codebooks share one latent, so they have one dimension. Entries of grids and
      cubes are fixed: moving averages, restarts and k-means do not apply to them.
      """,
    wrong: .text(quantized("{ name: visual, size: 512, dim: 3, levels: [8, 8, 7] }", "fsq")),
    right: quantized("{ name: visual, size: 512, dim: 3, levels: [8, 8, 8] }", "fsq"))

  private static func quantized(_ book: String, _ kind: String) -> String {
    DiagnosticKind.example("    - { name: visual, size: 512 }", "    - \(book)") + "\n  quantizer: { kind: \(kind) }"
  }
}
