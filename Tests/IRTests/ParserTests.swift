import IR
import Ops
import Testing

/// Where the parser says that a text is wrong, and what it says.
@Suite struct ParserTests {
  private func message(_ text: String) -> String {
    do { _ = try ProgramParser.parse(text, registry: OpTable.registry) } catch { return "\(error)" }
    return "no error"
  }

  @Test(arguments: [
    ("program a() -> () { return }", "1:9: expected '@', found 'a'"),
    ("program @a(%x f32[2]) -> () { return }", "1:15: expected ':', found 'f32'"),
    ("program @a(%x: f64[2]) -> () { return }", "1:16: expected an element type"),
    ("program @a(%x: f32[x]) -> () { return }", "1:20: expected an integer, found 'x'"),
    ("program @a(%x: f32[0]) -> () { return }", "1:22: f32[0] has an extent that is not positive"),
    ("program @a() -> () { %0 = silu(%x) : f32[2] return }", "1:34: %x is not defined"),
    ("program @a(%x: f32[2]) -> () {\n  %0 = sill(%x) : f32[2]\n  return\n}", "2:17: sill: unknown op 'sill'"),
    ("program @a(%x: f32[2]) -> () {\n  %0 = silu(%x) : f32[3]\n  return\n}", "3:3: silu: the shape rule gives f32[2]"),
    (
      "program @a(%x: f32[2]) -> () {\n  %0 = silu(%x) {a = 1} : f32[2]\n  return\n}",
      "2:25: silu: unknown attribute 'a'"
    ),
    ("program @a(%x: f32[2]) -> () {\n  silu(%x)\n  return\n}", "3:3: silu has 1 results, 0 are named"),
    ("program @a(%x: f32[2]) -> (y: i32[2]) { return %x }", "1:51: output y has another type"),
    ("program @a() -> () { return } more", "1:31: expected the end of the text"),
    (
      "state @s : i32[] = zeros\nprogram @a() -> () { increment(@s) return }",
      "2:36: increment updates operands [0] in place; mark them with &"
    ),
    ("state @s : f32[2] = random\nprogram @a() -> () { return }", "2:1: expected '(', found 'program'"),
    ("program @a() -> () { return } \"x", "1:31: unterminated string"),
    ("program @a(%x: f32[99999999999]) -> () { return }", "1:20: 99999999999 is out of range"),
  ]) func errorsHaveAPlace(_ text: String, _ expected: String) {
    #expect(message(text) == expected)
  }

  @Test func namesMayBeQualifiedAndCommentsAreSkipped() throws {
    let text = """
      // Weights of a part.
      parameter @encoder.conv_in.weight : f32[2] = uniform(0.5)
      constant @t : f32[5,2,2] = rotary_2d(2, 10000.0)
      state @average.w : f32[2] = copy(@encoder.conv_in.weight)
      program @tokenizer.encode(%x: f32[2]) -> (y: f32[2]) {
        %total = add(%x, @encoder.conv_in.weight) : f32[2] in "a.b" // sum
        return %total
      }
      """
    let program = try ProgramParser.parse(text, registry: OpTable.registry)
    #expect(program.symbols.map(\.symbol.name) == ["encoder.conv_in.weight", "t", "average.w"])
    #expect(program.symbols[1].symbol.initializer == .rotary2D(grid: 2, base: 10_000))
    #expect(program.operations[0].scope == "a.b")
  }

  /// Every float prints as a text that reads back as the same bits.
  @Test(
    arguments: [
      0, -0.0, 1, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -1e20, 16_777_216, 3.402_823e-5,
    ] as [Float]
  )
  func realsReadBack(_ value: Float) throws {
    let builder = ProgramBuilder(name: "real")
    builder.output("y", builder.emitOne(Constant(value, shape: [1])))
    let text = ProgramPrinter().print(builder.program)
    let parsed = try ProgramParser.parse(text, registry: OpTable.registry)
    guard case .constant(let constant) = parsed.operations[0].opCase else { return }
    #expect(constant.value.bitPattern == value.bitPattern, "\(text)")
  }
}
