import Diagnostics
import Spec
import Testing

/// Keys that change nothing, starts that never come and parts of which none learns are found wherever they can stand.
struct IdleKeysTests {
  private func codes(_ tokenizer: String = "", _ rest: String) -> [String] {
    let text = """
      name: tiny
      image: { size: 64 }
      tokenizer:
        encoder: { channels: 32, multipliers: [1, 2, 2, 4] }
        codebooks: [{ name: a, size: 16, teacher: t }, { name: b, size: 16 }]
        \(tokenizer)
      teachers: [{ name: t, kind: dinov2, weights: dino.safetensors, width: 384 }]
      \(rest)
      """
    let found = SpecLoader.load(text: text, file: "idle.yaml").diagnostics
    for diagnostic in found { #expect(diagnostic.primary != nil, "\(diagnostic.message) has no place") }
    return found.map(\.code)
  }

  @Test(arguments: [
    ("losses: { disentanglement: { schedule: { start: 3 } } }", 1),
    ("losses: { disentanglement: { weight: 0, schedule: { start: 3 } } }", 0),
    ("losses: { disentanglement: { schedule: { kind: step, start: 3, steps: 9 } } }", 1),
    ("losses: { disentanglement: { schedule: { kind: cosine, start: 3, steps: 9 } } }", 0),
    ("losses: { perceptual: { weights: vgg, schedule: { from: 2, steps: 9 } } }", 2),
    ("losses: { representation: { kind: cosine, temperature: 0.1 } }", 1),
    ("losses: { representation: { temperature: 0.1 } }", 0),
    ("data: { path: images, crop: center, crop_range: 0.5 }", 1),
    ("data: { path: images, crop: random, crop_range: 0.5 }", 0),
    ("training: { tokenizer: { rates: [{ part: decoder, factor: 2 }, { part: decoder, factor: 3 }] } }", 1),
    ("training: { tokenizer: { freeze: [decoder], rates: [{ part: decoder, factor: 2 }] } }", 1),
    ("training: { tokenizer: { rates: [{ part: prediction, factor: 2 }, { part: codebook, factor: 3 }] } }", 0),
    ("training: { generator: { batch: 8 } }", 1),
    ("sampling: { top_k: 5 }", 1),
    (
      "generator: { layers: 1, width: 64, heads: 2, classes: 3 }\nsampling: { top_k: 5 }\n"
        + "training: { generator: { freeze: [head], rates: [{ part: head, factor: 2 }] } }", 1
    ),
    (
      "generator: { layers: 1, width: 64, heads: 2, classes: 3 }\n"
        + "training: { generator: { rates: [{ part: head, factor: 2 }, { part: output, factor: 2 }] } }", 0
    ),
    (
      "losses: { representation: { weight: 0 } }\n"
        + "training: { tokenizer: { rates: [{ part: prediction, factor: 2 }] } }", 1
    ),
    (
      "losses: { reconstruction: { schedule: { kind: linear, from: 2, start: 10 } } }\n"
        + "training: { tokenizer: { steps: 10 } }", 1
    ),
  ]) func withoutEffect(rest: String, count: Int) {
    #expect(codes("", rest) == Array(repeating: "F0326", count: count))
  }

  @Test(arguments: [
    ("quantizer: { restart: { after: 5, threshold: 0.5 } }", "", 2),
    ("quantizer: { restart: { every: 10, after: 5, threshold: 0.5 } }", "", 0),
    ("quantizer: { restart: { every: 10 } }", "training: { tokenizer: { steps: 50 } }", 1),
    ("quantizer: { ema: 0.9, restart: { every: 9 } }", "training: { tokenizer: { freeze: [codebook] } }", 2),
    ("quantizer: { ema: 0.9 }", "training: { tokenizer: { rates: [{ part: codebook, factor: 2 }] } }", 1),
    ("quantizer: { entropy: { schedule: { from: 2 } } }", "", 1),
    ("quantizer: { perturbation: { nearest: 3, schedule: { steps: 9 } } }", "", 1),
  ]) func withoutEffectInQuantizers(quantizer: String, rest: String, count: Int) {
    #expect(codes(quantizer, rest) == Array(repeating: "F0326", count: count))
  }

  @Test func singleBooksHaveNobodyToDifferFrom() {
    for (weight, expected) in [("0.5", ["F0326"]), ("0", []), ("0.1", [])] {
      let text = DiagnosticKind.smallestSpec + "\nlosses: { disentanglement: { weight: \(weight) } }"
      #expect(SpecLoader.load(text: text, file: "idle.yaml").diagnostics.map(\.code) == expected)
    }
    let taught = DiagnosticKind.smallestSpec + "\nlosses: { representation: { weight: 0.7 } }"
    #expect(SpecLoader.load(text: taught, file: "idle.yaml").diagnostics.map(\.code) == ["F0326"])
  }

  @Test(arguments: [
    ("step", 9, false), ("step", 10, true), ("linear", 8, false), ("linear", 9, true), ("cosine", 9, true),
  ]) func schedulesThatNeverBegin(kind: String, start: Int, isRefused: Bool) {
    let found = codes(
      "quantizer: { entropy: { schedule: { kind: \(kind), start: \(start) } } }",
      "training: { tokenizer: { steps: 10 } }")
    #expect(found == (isRefused ? ["F0325"] : []))
  }

  @Test(arguments: [
    ("1.0", ["F0313"]), ("1", []), ("0.99", ["F0313"]), ("0.5", []), ("2e0", []), ("50", ["F0313"]),
  ]) func discriminatorsThatNeverStart(start: String, expected: [String]) {
    let rest = "losses: { adversarial: { start: \(start) } }\ntraining: { tokenizer: { steps: 50 } }"
    #expect(codes("", rest) == expected)
  }

  @Test func aWholeRunOfAnyLengthIsNoStart() {
    #expect(codes("", "losses: { adversarial: { start: 1.0 } }") == ["F0313"])
    #expect(codes("", "losses: { adversarial: { start: 1 } }") == [])
  }

  @Test func decayOfDiscriminatorsIsChecked() {
    func judged(_ optimizer: String) -> [String] {
      codes("", "losses: { adversarial: { start: 0.5, discriminator: { optimizer: { \(optimizer) } } } }")
    }
    #expect(judged("weight_decay: 0.1") == ["F0311"])
    #expect(judged("kind: adamw, weight_decay: 0.1") == [])
  }

  @Test func somethingLearnsByGradient() {
    func frozen(_ parts: String, _ tokenizer: String = "") -> [String] {
      codes(tokenizer, "training: { tokenizer: { freeze: [\(parts)] } }")
    }
    #expect(frozen("encoder, adapter, codebook, decoder") == [])
    #expect(frozen("encoder, adapter, decoder, prediction") == [])
    #expect(frozen("encoder, adapter, decoder, prediction", "quantizer: { ema: 0.9 }") == ["F0321"])
    let lone =
      DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { freeze: [encoder, adapter, codebook, decoder] } }"
    #expect(SpecLoader.load(text: lone, file: "idle.yaml").diagnostics.map(\.code) == ["F0321"])
  }

  @Test(arguments: [(4, 3, []), (4, 6, ["F0327"]), (8, 6, [])])
  func headsHaveARowForEveryStep(size: Int, books: Int, expected: [String]) {
    // Two levels of 4 x 4 pixels make 2 x 2 tokens.
    let text = """
      name: small
      image: { size: \(size) }
      tokenizer:
        encoder: { channels: 32, multipliers: [1, 2] }
        codebooks: [\((0..<books).map { "{ name: b\($0), size: 16 }" }.joined(separator: ", "))]
      generator: { layers: 1, width: 64, heads: 2, classes: 3 }
      """
    #expect(SpecLoader.load(text: text, file: "small.yaml").diagnostics.map(\.code) == expected)
  }
}
