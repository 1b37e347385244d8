import IR
import Ops
import Testing

/// Each invariant of a program, broken once.
@Suite struct VerifierTests {
  /// %x -> silu -> exp -> y, and an update of the state @s.
  private func sound() throws -> Program {
    try ProgramParser.parse(
      """
      state @s : f32[2] = zeros
      constant @c : f32[2] = ones
      program @p(%x: f32[2], %z: f32[2]) -> (y: f32[2], w: f32[2]) {
        %0 = silu(%x) : f32[2] in "a"
        %1 = exp(%0) : f32[2]
        moving_average(&@s, %1) {decay = 0.5}
        return %1, %0
      }
      """, registry: OpTable.registry)
  }

  private func message(_ change: (inout Program) -> Void) throws -> String {
    var program = try sound()
    try program.verify()
    change(&program)
    do { try program.verify() } catch { return "\(error)" }
    return "no error"
  }

  @Test func namesAreUnique() throws {
    #expect(try message { $0.inputs[1].name = "x" } == "@p: two inputs are called %x")
    #expect(try message { $0.outputs[1].name = "y" } == "@p: two outputs are called y")
    #expect(try message { $0.symbols[1].symbol.name = "s" } == "@p: @s is declared twice")
  }

  @Test func symbolsHaveOneType() throws {
    #expect(try message { $0.symbols[0].symbol.type = .f32(3) } == "@p: @s has two types")
  }

  @Test func valuesAreDefinedBeforeTheyAreUsed() throws {
    #expect(
      try message { $0.operations.swapAt(0, 1) } == "@p: operation 0 exp in '': a value is used before it is defined")
    #expect(try message { $0.operations.removeAll() } == "@p: output y is not defined")
  }

  @Test func valuesAreDefinedOnce() throws {
    #expect(
      try message { $0.operations.insert($0.operations[0], at: 1) }
        == "@p: operation 1 silu in 'a': a result is defined twice")
    #expect(
      try message { $0.operations[1].results = [$0.inputs[1].value] }
        == "@p: operation 1 exp in '': a result is defined twice")
    #expect(
      try message { program in
        let stray = program.addInput("stray", .f32(2))
        program.inputs.removeLast()
        program.operations[1].results = [stray]
      } == "@p: operation 1 exp in '': defines an input or symbol")
    #expect(
      try message { $0.inputs[1].value = $0.inputs[0].value } == "@p: %z is not the value of its input")
    #expect(
      try message { $0.symbols[1].value = $0.symbols[0].value } == "@p: @c is not the value of its symbol")
  }

  @Test func updatesNameSymbolsThatMayBeWritten() throws {
    #expect(
      try message { $0.operations[2].operands[0] = $0.inputs[0].value }
        == "@p: operation 2 moving_average in '': operand 0 is updated in place and must be a symbol")
    #expect(
      try message { $0.operations[2].operands[0] = $0.symbols[1].value }
        == "@p: operation 2 moving_average in '': @c is constant")
    #expect(
      try message { $0.operations[2].operands = [] }
        == "@p: operation 2 moving_average in '': operand 0 is updated in place and must be a symbol")
  }

  @Test func resultTypesFollowFromTheShapeRule() throws {
    #expect(
      try message { $0.operations[0].operands = [] } == "@p: operation 0 silu in 'a': takes 1 operands, not 0")
    #expect(
      try message { $0.operations[0].results = [] }
        == "@p: operation 0 silu in 'a': results are [], the shape rule says [f32[2]]")
    #expect(
      try message { program in
        program.operations[0].results = [program.makeResult(.f32(3))]
      } == "@p: operation 0 silu in 'a': results are [f32[3]], the shape rule says [f32[2]]")
  }

  @Test func extentsArePositiveAndAddressable() throws {
    #expect(try message { _ = $0.addInput("e", .f32(2, 0)) } == "@p: f32[2,0] has an extent that is not positive")
    #expect(try message { _ = $0.addInput("e", .f32(-2, -2)) } == "@p: f32[-2,-2] has an extent that is not positive")
    let large = 1 << 31
    #expect(
      try message { _ = $0.addInput("e", .f32(large, large, large)) }
        == "@p: f32[\(large),\(large),\(large)] has more elements than a tensor can have")
  }

  @Test func valuesAreOfTheProgram() throws {
    let stranger = ValueID(index: 99)
    #expect(
      try message { $0.operations[0].operands = [stranger] }
        == "@p: operation 0 silu in 'a': names a value that the program does not have")
    #expect(
      try message { $0.operations[0].results = [stranger] }
        == "@p: operation 0 silu in 'a': names a value that the program does not have")
    #expect(try message { $0.outputs[0].value = stranger } == "@p: output y is not defined")
    #expect(try message { $0.inputs[0].value = stranger } == "@p: %x is not the value of its input")
    #expect(try message { $0.symbols[0].value = stranger } == "@p: @s is not the value of its symbol")
  }
}
