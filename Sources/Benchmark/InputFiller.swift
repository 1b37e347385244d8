import Models
import Runtime
import Spec

/// Writes plausible inputs of a program before each of its runs: random pixels, codes inside their book, positions that
/// advance.
struct InputFiller {
  private let executable: Executable
  private let spec: ModelSpec?
  private let integerBound: Int
  private var state: UInt64 = 0x9e37_79b9_7f4a_7c15
  private var runs = 0

  /// - Parameter integerBound: Integers of unknown meaning stay below it.
  init(_ executable: Executable, spec: ModelSpec?, integerBound: Int) {
    self.executable = executable
    self.spec = spec
    self.integerBound = integerBound
  }

  private mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// Writes all inputs.
  mutating func fill() throws {
    for port in executable.plan.program.inputs {
      if executable.plan.program.type(of: port.value).dtype == .i32 {
        let values = try executable.integerInput(port.name)
        for index in values.indices { values[index] = integer(port.name, index) }
      } else {
        let values = try executable.input(port.name)
        switch port.name {
        case "sampling":
          let settings = spec?.sampling
          values[0] = Float(settings?.temperature ?? 1)
          values[1] = Float(settings?.topK ?? 0)
          values[2] = Float(settings?.topP ?? 1)
        case "guidance": values[0] = Float(spec?.sampling.guidance ?? 2)
        default: for index in values.indices { values[index] = Float(next() >> 40) * 0x1p-23 - 1 }
        }
      }
    }
    runs += 1
  }

  private mutating func integer(_ name: String, _ index: Int) -> Int32 {
    if name == "position" { return Int32(truncatingIfNeeded: 1 + runs % max(1, integerBound - 1)) }
    if name == "key" { return Int32(truncatingIfNeeded: index == 0 ? 1 : runs) }
    let book = spec?.tokenizer.codebooks.first { name == "codes.\($0.name)" }
    return Int32(truncatingIfNeeded: next() % UInt64(max(1, book?.size ?? integerBound)))
  }
}
