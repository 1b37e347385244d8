import IR
import Ops
import TestSupport
import Testing

/// No text makes the parser trap, and what it accepts is a sound program that prints and reads back.
@Suite struct ParserFuzzTests {
  private func check(_ text: String) -> Bool {
    guard let program = try? ProgramParser.parse(text, registry: OpTable.registry) else { return false }
    let printer = ProgramPrinter(showsScopes: true)
    let printed = printer.print(program)
    do {
      try program.verify()
      let again = try ProgramParser.parse(printed, registry: OpTable.registry)
      #expect(printer.print(again) == printed, "\(text)")
    } catch { Issue.record("\(error)\n\(text)\n\(printed)") }
    return true
  }

  private static let numbers = [
    "0", "-1", "1", "2", "3", "7", "64", "1000000", "2147483648", "4294967296", "9223372036854775807", "1e9", "nan",
    "-inf", "0.5", "true", "word", "[]", "[0]", "[-3, 2]", "[2, 3, 4, 5, 6, 7]", "[2147483647, 2147483647, 2147483647]",
  ]

  /// The text with one whole number, or list of them, replaced.
  private func withOtherNumber(_ text: String, _ random: inout RandomTensors) -> String {
    let places = text.ranges(of: /-?[0-9]+(\.[0-9]+)?|\[[0-9, ]*\]/)
    guard let place = places.randomElement(using: &random) else { return text }
    return text.replacingCharacters(in: place, with: Self.numbers.randomElement(using: &random) ?? "")
  }

  @Test func examplesWithOtherNumbers() {
    var random = RandomTensors(seed: 1)
    var accepted = 0
    for type in OpTable.types {
      for _ in 0..<150 {
        var text = type.example
        for _ in 0..<Int.random(in: 1...3, using: &random) { text = withOtherNumber(text, &random) }
        if check(text) { accepted += 1 }
      }
    }
    #expect(accepted > 20, "hardly any mutation is valid")
  }

  /// Extents changed wherever they are written, so that shape rules meet operands that do not fit.
  @Test func examplesWithOtherShapes() {
    var random = RandomTensors(seed: 2)
    for type in OpTable.types {
      for _ in 0..<150 {
        let from = String(Int.random(in: 1...9, using: &random))
        let to = ["0", "1", "2", "5", "8", "1,2", "4294967295"].randomElement(using: &random) ?? ""
        var text = type.example
        for (before, after) in [("[", "]"), ("[", ","), (",", ","), (",", "]")] {
          text = text.replacing(before + from + after, with: before + to + after)
        }
        _ = check(text)
      }
    }
  }

  @Test func bytesOfRandomPrograms() throws {
    var random = RandomTensors(seed: 3)
    let scraps = [
      "%", "@", "&", "(", ")", "{", "}", "[", "]", ",", ":", "->", "=", "\"", "//", "\n", "%0", "f32", "in",
    ]
    for seed in 0..<40 {
      let subject = try RandomProgram(seed: seed, operationCount: 3...10).trainingStep()
      let original = Array(ProgramPrinter(showsScopes: true).print(subject.program).utf8)
      for _ in 0..<25 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let at = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0...3, using: &random) {
          case 0: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...12, using: &random)))
          case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
          case 2: bytes.insert(contentsOf: Array((scraps.randomElement(using: &random) ?? "").utf8), at: at)
          default:
            let from = Int.random(in: 0..<bytes.count, using: &random)
            let part = Array(bytes[from..<min(bytes.count, from + Int.random(in: 1...40, using: &random))])
            bytes.insert(contentsOf: part, at: at)
          }
          if bytes.isEmpty { break }
        }
        _ = check(String(decoding: bytes, as: UTF8.self))
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func hugeInputs() {
    _ = check("")
    _ = check(String(repeating: "(", count: 200_000))
    _ = check("program @a(" + String(repeating: "%x: f32[1],", count: 30_000))
    _ = check("program @" + String(repeating: "a", count: 200_000))
    _ = check("program @a(%x: f32[" + String(repeating: "1,", count: 100_000) + "1]) -> () { return }")
    _ = check(
      "program @a() -> () { " + String(repeating: "%0 = constant() {shape = [1], value = 1.0} : f32[1]\n", count: 5000)
        + "return }")
  }
}
