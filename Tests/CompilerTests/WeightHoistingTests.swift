import IR
import Ops
import Passes
import Testing

@Suite struct WeightHoistingTests {
  private func split(_ text: String, after passes: [PlacedPass] = []) throws -> PreparedProgram {
    var program = try ProgramParser.parse(text, registry: OpTable.registry)
    try PassManager(verifies: true).run(passes, on: &program)
    let prepared = WeightHoisting.split(program)
    try prepared.main.verify()
    for setup in prepared.setup { try setup.verify() }
    return prepared
  }

  @Test func workOnWeightsAloneMovesToTheSetup() throws {
    let prepared = try split(
      """
      parameter @book : f32[4,2] = unit_rows(0.25)
      parameter @scale : f32[2] = ones
      program @lookup(%codes: i32[3]) -> (rows: f32[3,2]) {
        %0 = l2_normalize(@book) {epsilon = 1e-12} : f32[4,2]
        %1 = multiply(%0, @scale) : f32[4,2]
        %2 = embedding(%1, %codes) : f32[3,2]
        return %2
      }
      """)
    let name = "derived.book.multiply.h"
    let derived = try #require(prepared.main.symbols.first).symbol.name
    #expect(derived.hasPrefix(name))
    #expect(
      ProgramPrinter().print(prepared.main) == """
        derived @\(derived) : f32[4,2] = zeros
        program @lookup(%codes: i32[3]) -> (rows: f32[3,2]) {
          %0 = embedding(@\(derived), %codes) : f32[3,2]
          return %0
        }

        """)
    #expect(
      ProgramPrinter().print(try #require(prepared.setup.first)) == """
        parameter @book : f32[4,2] = unit_rows(0.25)
        parameter @scale : f32[2] = ones
        program @lookup.setup() -> (\(derived): f32[4,2]) {
          %0 = l2_normalize(@book) {epsilon = 1e-12} : f32[4,2]
          %1 = multiply(%0, @scale) : f32[4,2]
          return %1
        }

        """)
  }

  @Test func whatNobodyReadsIsNotKept() throws {
    let prepared = try split(
      """
      parameter @w : f32[2,2] = ones
      program @dead(%x: f32[1,2]) -> (y: f32[1,2]) {
        %0 = l2_normalize(@w) {epsilon = 1e-12} : f32[2,2]
        %1 = linear(%x, %0) : f32[1,2]
        %2 = linear(%x, @w) : f32[1,2]
        return %2
      }
      """)
    #expect(prepared.setup.isEmpty)
    #expect(prepared.main.operations.count == 1)
  }

  /// As the parts of a batch do: after the passes before it, one symbol stands for both.
  @Test func whatIsComputedTwiceIsKeptOnce() throws {
    let prepared = try split(
      """
      parameter @w : f32[2,2] = ones
      program @parts(%x: f32[1,2], %y: f32[1,2]) -> (u: f32[1,2], v: f32[1,2]) {
        %0 = l2_normalize(@w) {epsilon = 1e-12} : f32[2,2]
        %1 = linear(%x, %0) : f32[1,2]
        %2 = l2_normalize(@w) {epsilon = 1e-12} : f32[2,2]
        %3 = linear(%y, %2) : f32[1,2]
        return %1, %3
      }
      """, after: Pipeline.inference().preparation)
    let derived = try #require(prepared.main.symbols.first).symbol.name
    #expect(
      ProgramPrinter().print(prepared.main) == """
        derived @\(derived) : f32[2,2] = zeros
        program @parts(%x: f32[1,2], %y: f32[1,2]) -> (u: f32[1,2], v: f32[1,2]) {
          %0 = linear(%x, @\(derived)) : f32[1,2]
          %1 = linear(%y, @\(derived)) : f32[1,2]
          return %0, %1
        }

        """)
    #expect(prepared.setup.map { $0.outputs.map(\.name) } == [[derived]])
  }

  @Test func namesSayHowAValueIsComputed() throws {
    func name(_ epsilon: String, program: String) throws -> String {
      let prepared = try split(
        """
        parameter @w : f32[2,2] = ones
        program @\(program)(%x: f32[1,2]) -> (y: f32[1,2]) {
          %0 = l2_normalize(@w) {epsilon = \(epsilon)} : f32[2,2]
          %1 = linear(%x, %0) : f32[1,2]
          return %1
        }
        """)
      return try #require(prepared.main.symbols.first).symbol.name
    }
    #expect(try name("1e-12", program: "a") == name("1e-12", program: "b"))
    #expect(try name("1e-12", program: "a") != name("1e-6", program: "a"))
  }

  /// Texts in which nothing moves, with the reason.
  static let unmoved = [
    // The program updates the weights.
    """
    parameter @w : f32[2,2] = ones
    state @average : f32[2,2] = zeros
    program @updates(%x: f32[1,2]) -> (y: f32[1,2]) {
      %0 = l2_normalize(@w) {epsilon = 1e-12} : f32[2,2]
      %1 = linear(%x, %0) : f32[1,2]
      moving_average(&@w, %0) {decay = 0.5}
      return %1
    }

    """,
    // State is not a weight.
    """
    state @s : f32[2,2] = zeros
    program @state(%x: f32[1,2]) -> (y: f32[1,2]) {
      %0 = l2_normalize(@s) {epsilon = 1e-12} : f32[2,2]
      %1 = linear(%x, %0) : f32[1,2]
      return %1
    }

    """,
    // Renaming costs nothing.
    """
    parameter @w : f32[4] = ones
    program @renames(%x: f32[1,2]) -> (y: f32[1,2]) {
      %0 = reshape(@w) {shape = [2,2]} : f32[2,2]
      %1 = linear(%x, %0) : f32[1,2]
      return %1
    }

    """,
  ]

  @Test(arguments: unmoved) func nothingMoves(_ text: String) throws {
    let program = try ProgramParser.parse(text, registry: OpTable.registry)
    let prepared = WeightHoisting.split(program)
    #expect(prepared.setup.isEmpty)
    #expect(ProgramPrinter().print(prepared.main) == ProgramPrinter().print(program))
  }
}
