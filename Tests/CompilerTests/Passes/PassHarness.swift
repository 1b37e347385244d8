import IR
import Ops
import Passes
import Testing

/// Runs a pass, verified, on a program in text form and compares what it prints with the expectation kept beside it.
///
/// - Parameters:
///   - before: The program; comments run from `//` to the end of the line.
///   - after: What the pass makes of it. Where it is left out, the pass must leave the program alone.
func expect(
  _ pass: any Pass, _ before: String, becomes after: String? = nil, _ location: SourceLocation = #_sourceLocation
) throws {
  let original = try ProgramParser.parse(before, registry: OpTable.registry)
  var program = original
  let pipeline = Pipeline(name: "test", passes: [PlacedPass(pass, "under test")])
  let reports = try PassManager(verifies: true).run(pipeline, on: &program)
  let printer = ProgramPrinter()
  let expected = try after.map { try ProgramParser.parse($0, registry: OpTable.registry) } ?? original
  #expect(printer.print(program) == printer.print(expected), sourceLocation: location)
  #expect(reports[0].changed == (after != nil), sourceLocation: location)
  var again = program
  #expect(!pass.run(on: &again), "a second run changes it again", sourceLocation: location)
}
