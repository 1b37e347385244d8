import IR
import Ops
import Planning
import TestSupport
import Testing

@testable import Runtime

@Suite struct ExecutableTests {
  private static let pool = ThreadPool(threadCount: 1)

  private func executable(_ text: String) throws -> Executable {
    let program = try ProgramParser.parse(text, registry: OpTable.registry)
    return try Executable(
      Planner.forRuntime().plan(program), store: ParameterStore(seed: 1), pool: Self.pool,
      kernels: KernelSelection(.baseline))
  }

  private static let text = """
    program @ports(%x: f32[4], %n: i32[3]) -> (y: f32[4], m: i32[3]) {
      %0 = log(%x) : f32[4]
      return %0, %n
    }
    """

  @Test func portsAreFoundByNameAndType() throws {
    let executable = try executable(Self.text)
    try executable.input("x").update(repeating: 1)
    try executable.integerInput("n").update(repeating: 7)
    executable.run()
    #expect(try Array(executable.output("y")) == [0, 0, 0, 0])
    #expect(try Array(executable.integerOutput("m")) == [7, 7, 7])
    #expect(executable.hasInput("x") && !executable.hasInput("z"))
  }

  @Test func wrongPortsAreErrorsThatNameWhatThereIs() throws {
    let executable = try executable(Self.text)
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "no error"
    }
    #expect(message { _ = try executable.input("z") } == "ports has no input 'z'; it has x, n")
    #expect(message { _ = try executable.output("x") } == "ports has no output 'x'; it has y, m")
    #expect(message { _ = try executable.input("n") } == "input 'n' of ports is i32[3]")
    #expect(message { _ = try executable.integerOutput("y") } == "output 'y' of ports is f32[4]")
  }

  @Test func instructionSetsAreChosenByName() throws {
    #expect(try KernelSelection(environment: ["FACET_ISA": "baseline"]).instructionSet == .baseline)
    #expect(try KernelSelection(environment: [:]).instructionSet == KernelSelection.available.last)
    #expect(throws: InstructionSetError.self) { try KernelSelection(environment: ["FACET_ISA": "mmx"]) }
  }
}
