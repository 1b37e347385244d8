import Diagnostics
import Foundation
import Spec
import TestSupport
import Testing

/// No input makes the reader trap, hang, or contradict itself.
struct SpecFuzzTests {
  /// The laws that hold for every text.
  private func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let loaded = SpecLoader.open(text: text, file: "fuzz.yaml")
    #expect((loaded.spec == nil) == loaded.diagnostics.hasErrors, sourceLocation: sourceLocation)
    let rendered = TextRenderer().render(loaded.diagnostics)
    let isPrintable = rendered.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control }
    #expect(isPrintable, "control characters reach the terminal", sourceLocation: sourceLocation)
    #expect(throws: Never.self, sourceLocation: sourceLocation) {
      try JSONSerialization.jsonObject(with: Data(JSONRenderer().render(loaded.diagnostics).utf8))
    }
    for diagnostic in loaded.diagnostics {
      #expect(SpecCatalogue.kind(code: diagnostic.code) != nil, sourceLocation: sourceLocation)
      for label in ([diagnostic.primary].compactMap { $0 } + diagnostic.secondary) {
        #expect(
          label.span.line <= max(1, label.span.source.lines.count),
          "line \(label.span.line) of \(text.debugDescription)",
          sourceLocation: sourceLocation)
      }
    }
    if let spec = loaded.spec {
      let printed = SpecPrinter.yaml(spec)
      let again = SpecLoader.load(text: printed, file: "fuzz.yaml")
      #expect(again.spec == spec, "\(printed)", sourceLocation: sourceLocation)
    } else if let source = loaded.source {
      // A safe fix removes what it is for, though the value of a respelt key may then be found wrong.
      let fixable = loaded.diagnostics.filter { $0.fixIts.contains { $0.applicability == .safe } }
      let fixed = FixApplier.apply(loaded.diagnostics, to: source)
      guard fixed.applied > 0, fixed.applied == fixable.count else { return }
      func said(_ diagnostic: Diagnostic) -> String { "\(diagnostic.primary?.span.line ?? 0) \(diagnostic.message)" }
      let again = SpecLoader.load(text: fixed.text, file: "fuzz.yaml").diagnostics
      #expect(
        Set(again.map(said)).isDisjoint(with: fixable.map(said)),
        "\(text.debugDescription)\n\(rendered)\(TextRenderer().render(again))", sourceLocation: sourceLocation)
    }
  }

  private static let shipped = ShippedSpecTests.names.compactMap { name in
    try? String(contentsOf: ShippedSpecTests.folder.appendingPathComponent("\(name).yaml"), encoding: .utf8)
  }

  @Test func mutationsOfShippedSpecs() {
    var random = RandomTensors(seed: 1)
    let scraps: [[UInt8]] = [
      "{", "}", "[", "]", ":", ": ", "- ", "\n", "  ", "\t", "#", "&a ", "*a", "!t ", "\"", "'", "|", ">", "%", "@",
      "`",
      "---\n", "...\n", "? ", "<<: ", "~", "null", "0x10", "1e999", "-1", ".nan", ".inf", "yes", "9223372036854775808",
      "\u{85}", "\u{2028}", "\u{FEFF}", "\u{0}", "\u{7}", "\r", "é", "視", "🙂", "\\", "\u{301}", "\u{202E}", "\u{B}",
      "\u{C}",
    ].map { Array($0.utf8) }
    let words = ["size", "name", "64", "dim", "kind", "channels", "teacher", "adamw", "cosine", "1_0", "\"8\"", "8.0"]
    for _ in 0..<1500 {
      var bytes = Array((Self.shipped.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0...5, using: &random) {
        case 0: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...20, using: &random)))
        case 1: bytes.insert(contentsOf: scraps.randomElement(using: &random) ?? [], at: at)
        case 2: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
        case 3:
          let from = Int.random(in: 0...bytes.count, using: &random)
          let part = bytes[from..<min(bytes.count, from + Int.random(in: 1...60, using: &random))]
          bytes.insert(contentsOf: Array(part), at: at)
        case 4: bytes.insert(contentsOf: Array((words.randomElement(using: &random) ?? "").utf8), at: at)
        default:
          // Another value for some key.
          let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
          guard let colon = colons.randomElement(using: &random) else { continue }
          let end = bytes[(colon + 1)...].firstIndex { ",}]\n".utf8.contains($0) } ?? bytes.count
          bytes.replaceSubrange(colon + 1..<end, with: Array(" \(words.randomElement(using: &random) ?? "")".utf8))
        }
      }
      check(String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test func randomBytes() throws {
    var random = RandomTensors(seed: 2)
    let folder = try TemporaryFolder()
    for round in 0..<300 {
      // All bytes, then printable ones, then what YAML is made of.
      let alphabet: [UInt8] = [Array(0...255), Array(32...126), Array("{}[]:,-#&*!|>'\"%@?\n ab1".utf8)][round % 3]
      let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      let (spec, diagnostics) = SpecLoader.load(path: try folder.write(bytes, "bytes.yaml"))
      #expect(spec == nil && diagnostics.hasErrors)
      check(String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test(.timeLimit(.minutes(1))) func hugeAndDeepInputs() {
    let million = 400_000
    check(String(repeating: "[", count: million))
    check(String(repeating: "{a: ", count: million / 4))
    check(String(repeating: "- ", count: million / 2))
    check(String(repeating: "a\n", count: million / 2))
    check(String(repeating: " ", count: million))
    check("name: " + String(repeating: "x", count: million))
    check("name: \"" + String(repeating: "\\n", count: million / 2) + "\"")
    check((0..<20_000).map { "key\($0): 1" }.joined(separator: "\n"))
    check("tokenizer: { codebooks: [" + String(repeating: "{},", count: 80_000) + "] }")
    check(String(repeating: "&a [", count: 80_000))
    check((0..<10_000).map { "name: \($0)" }.joined(separator: "\n"))
  }

  @Test func foldersAndMissingFilesAreNoSpecs() {
    #expect(SpecLoader.load(path: "/").diagnostics.map(\.code) == ["F0101"])
    #expect(SpecLoader.load(path: "/nowhere/at/all.yaml").diagnostics.map(\.code) == ["F0101"])
    #expect(SpecLoader.load(path: "").diagnostics.map(\.code) == ["F0101"])
    #expect(SpecLoader.load(path: "/dev/null").diagnostics.map(\.code) == ["F0103"])
    #expect(SpecLoader.load(path: "/dev/zero").diagnostics.map(\.code) == ["F0104"])
  }
}
