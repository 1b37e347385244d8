import Diagnostics
import Foundation
import Spec
import Testing

/// Where messages point and what they say, on whole files.
struct RenderingTests {
  private func messages(_ text: String) -> String {
    TextRenderer().render(SpecLoader.load(text: text, file: "model.yaml").diagnostics)
  }

  private func codes(_ text: String) -> [String] {
    SpecLoader.load(text: text, file: "model.yaml").diagnostics.map(\.code)
  }

  static let sound = """
    name: tiny
    image: { size: 64 }
    tokenizer:
      encoder: { channels: 32, multipliers: [1, 2, 2, 4] }
      codebooks:
        - { name: visual, size: 512 }
    """

  @Test func allErrorsAreReportedAtOnceInTheOrderOfTheFile() {
    let text = """
      nmae: tiny
      image: { size: sixty }
      tokenizer:
        encoder: { channels: 32, multipliers: [1, 2, 0, 4], dropout: 1.5 }
        codebooks:
          - { name: visual, size: 512, dims: 8 }
          - { name: visual thing, size: 1 }
      losses: { reconstruction: { kind: L1, weight: -1 } }
      """
    let diagnostics = SpecLoader.load(text: text, file: "model.yaml").diagnostics
    #expect(
      diagnostics.map { "\($0.primary?.span.line ?? 0) \($0.code)" } == [
        "1 F0201", "2 F0204", "4 F0206", "4 F0206", "6 F0201", "7 F0209", "7 F0206", "8 F0205", "8 F0206",
      ])
    #expect(TextRenderer().summary(diagnostics) == "9 errors")
  }

  /// A text of the sound spec, the same with KEY for a key, and a wrong and the right key.
  static let spellings = [
    ("size: 64", "KEY: 64", "sise", "size"), ("size: 512", "KEY: 512", "codebook_size", "size"),
    ("channels: 32", "KEY: 32", "channel", "channels"),
    ("multipliers: [", "KEY: [", "mutlipliers", "multipliers"), ("multipliers: [", "KEY: [", "ch_mult", "multipliers"),
    ("channels: 32", "channels: 32, KEY: 2", "residual-blocks", "residual_blocks"),
    ("channels: 32", "channels: 32, KEY: 64", "z_channels", "latent_channels"),
    ("  encoder", "  adapter: { KEY: 8 }\n  encoder", "num_heads", "heads"),
    (
      "name: tiny", "name: tiny\ntraining: { tokenizer: { optimizer: { KEY: 1e-4 } } }", "learningRate", "learning_rate"
    ),
  ]

  @Test(arguments: spellings.indices) func wrongKeysAreRecognised(_ index: Int) {
    let (place, template, wrong, right) = Self.spellings[index]
    func text(_ key: String) -> String { Self.sound.replacing(place, with: template.replacing("KEY", with: key)) }
    let diagnostics = SpecLoader.load(text: text(wrong), file: "model.yaml").diagnostics
    #expect(diagnostics.map(\.code) == ["F0201"])
    let rendered = TextRenderer().render(diagnostics)
    #expect(rendered.contains("`\(right)`"), "\(rendered)")
    #expect(codes(text(right)) == [])
  }

  @Test func caretsStandUnderTheirTextAfterTabsAndWideCharacters() {
    // A tab inside a flow mapping is shown as one space; an ideograph takes two columns, a combining mark none.
    #expect(
      messages(Self.sound.replacing("image: { size: 64 }", with: "image: {\tsize:\tbig }")) == """
        error[F0204]: `image.size` must be a whole number, but this is the text `big`
         --> model.yaml:2:16
          |
        2 | image: { size: big }
          |                ^^^
          |
          = help: write a whole number from 1 to 8192

        1 error

        """)
    #expect(
      messages(Self.sound.replacing("name: visual,", with: "name: \"視e\u{301}覚\", dims: 3,")) == """
        error[F0209]: `tokenizer.codebooks[0].name` cannot be `視é覚`
         --> model.yaml:6:15
          |
        6 |     - { name: "視é覚", dims: 3, size: 512 }
          |               ^^^^^^^
          |
          = note: it becomes part of file names and parameter names
          = help: write a name: letters, digits and `_`, starting with a letter, at most 64 of them

        error[F0201]: there is no key `dims` in `tokenizer.codebooks[0]`
         --> model.yaml:6:23
          |
        6 |     - { name: "視é覚", dims: 3, size: 512 }
          |                        ^^^^ did you mean `dim`?
          |
          = help: keys that can be added here: `dim`, `teacher`, `levels`
          = fix: write `dim`

        2 errors

        """)
  }

  @Test func emptyValuesPointAtTheirKey() {
    #expect(
      messages(Self.sound.replacing("image: { size: 64 }", with: "image:\ntraining:")) == """
        error[F0204]: `image` must be a mapping, but it has no value
         --> model.yaml:2:1
          |
        2 | image:
          | ^^^^^
          |
          = help: write a mapping with the keys `size`

        error[F0204]: `training` must be a mapping, but it has no value
         --> model.yaml:3:1
          |
        3 | training:
          | ^^^^^^^^
          |
          = help: write a mapping with the keys `seed`, `memory_limit`, `precision`, `tokenizer`, `generator`
          = help: or remove the key

        2 errors

        """)
    for empty in ["~", "null", "\"\"", "''"] {
      #expect(codes(Self.sound.replacing("size: 64", with: "size: \(empty)")) == ["F0204"])
    }
    #expect(codes(Self.sound.replacing("[1, 2, 2, 4]", with: "[]")) == ["F0208"])
    #expect(codes(Self.sound.replacing("- { name: visual, size: 512 }", with: "-")) == ["F0204"])
  }

  @Test func aliasesAnchorsTagsAndKeysThatAreNoWords() {
    #expect(codes(Self.sound.replacing("size: 64", with: "size: &s 64")) == [])
    #expect(codes(Self.sound.replacing("size: 64", with: "size: *s")) == ["F0107"])
    #expect(codes(Self.sound.replacing("size: 64", with: "size: !!int 64")).contains("F0107"))
    #expect(codes(Self.sound.replacing("size: 64", with: "? [a] : 3")).contains("F0107"))
    #expect(codes(Self.sound.replacing("size: 64", with: "size: 64, <<: { size: 3 }")).contains("F0201"))
    #expect(codes(Self.sound + "\n---\nname: second").contains("F0107"))
  }

  @Test func duplicateKeysAreReportedOncePerRepetition() {
    let text = "name: tiny\nname: tiny\n" + Self.sound.replacing("size: 64", with: "size: 64, size: 64, size: 32")
    #expect(codes(text) == ["F0106", "F0106", "F0106", "F0106"])
  }

  @Test func jsonSaysTheSame() throws {
    let text = Self.sound.replacing("size: 64", with: "size: \"6\\\"4\"").replacing(
      "name: tiny", with: "nam\u{e9}: tiny")
    let diagnostics = SpecLoader.load(text: text, file: "my \"model\".yaml").diagnostics
    let parsed = try JSONSerialization.jsonObject(with: Data(JSONRenderer().render(diagnostics).utf8))
    let objects = try #require(parsed as? [[String: Any]])
    #expect(objects.count == diagnostics.count && !objects.isEmpty)
    for (object, diagnostic) in zip(objects, diagnostics) {
      #expect(object["code"] as? String == diagnostic.code)
      #expect(object["severity"] as? String == diagnostic.severity.rawValue)
      #expect(object["message"] as? String == diagnostic.message)
      #expect(object["help"] as? [String] == diagnostic.help)
      let place = try #require(object["primary"] as? [String: Any])
      #expect(place["file"] as? String == "my \"model\".yaml")
      #expect(place["line"] as? Int == diagnostic.primary?.span.line)
      #expect(place["column"] as? Int == diagnostic.primary?.span.column)
      #expect((object["fixes"] as? [[String: Any]])?.count == diagnostic.fixIts.count)
    }
    #expect(JSONRenderer().render([]) == "[]\n")
  }

  @Test func fixesLeadToASoundSpec() {
    let text =
      Self.sound
      .replacing("size: 64", with: "size: \"64\"").replacing("size: 512", with: "size: 16_384.0")
      .replacing("channels: 32", with: "Channels: 32, residual-blocks: 1")
      + "\nlosses: { reconstruction: { kind: L1 } }\ndata: { path: x, flip: yes }\n"
    let loaded = SpecLoader.open(text: text, file: "model.yaml")
    #expect(loaded.spec == nil)
    guard let source = loaded.source else { return }
    let fixed = FixApplier.apply(loaded.diagnostics, to: source)
    #expect(fixed.applied == 6)
    let again = SpecLoader.load(text: fixed.text, file: "model.yaml")
    #expect(TextRenderer().render(again.diagnostics) == "")
    #expect(again.spec?.image.size == 64)
    #expect(again.spec?.tokenizer.encoder.residualBlocks == 1)
    #expect(again.spec?.losses.reconstruction.kind == .l1)
    #expect(again.spec?.data?.flip == true)
  }
}
