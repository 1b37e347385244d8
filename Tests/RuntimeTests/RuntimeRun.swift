import IR
import Ops
import Planning
import TestSupport

@testable import Runtime

/// A program on the runtime, with the contents of inputs and symbols given as for the reference interpreter.
final class RuntimeRun {
  let executable: Executable
  private let program: Program
  private let inputs: [String: Tensor]
  private let symbols: [String: Tensor]

  init(
    _ program: Program, inputs: [String: Tensor], symbols: [String: Tensor], on set: InstructionSet, pool: ThreadPool,
    store: ParameterStore = ParameterStore(seed: 1)
  ) throws {
    self.program = program
    self.inputs = inputs
    self.symbols = symbols
    executable = try Executable(
      Planner.forRuntime().plan(program), store: store, pool: pool, kernels: KernelSelection(set))
  }

  /// Writes inputs and symbols: everything that a run may have changed.
  func prepare() throws {
    for use in program.symbols { try write(symbols[use.symbol.name], use.value, use.symbol.name) }
    for port in program.inputs { try write(inputs[port.name], port.value, port.name) }
  }

  private func write(_ tensor: Tensor?, _ value: ValueID, _ name: String) throws {
    guard let tensor, tensor.type == program.type(of: value) else { throw ReferenceError("\(name) is not given") }
    let pointer = executable.pointer(value)
    switch tensor.type.dtype {
    case .i32:
      let target = pointer.assumingMemoryBound(to: Int32.self)
      for (index, element) in tensor.integers.enumerated() { target[index] = Int32(element) }
    case .i8:
      let target = pointer.assumingMemoryBound(to: Int8.self)
      for (index, element) in tensor.integers.enumerated() { target[index] = Int8(element) }
    case .bf16:
      let target = pointer.assumingMemoryBound(to: UInt16.self)
      for (index, element) in tensor.reals.enumerated() {
        target[index] = UInt16(truncatingIfNeeded: Float(element).bitPattern >> 16)
      }
    case .f32:
      let target = pointer.assumingMemoryBound(to: Float.self)
      for (index, element) in tensor.reals.enumerated() { target[index] = Float(element) }
    }
  }

  /// What a value's bytes hold now.
  func contents(_ value: ValueID) -> Tensor {
    let type = program.type(of: value)
    let pointer = executable.pointer(value)
    switch type.dtype {
    case .i32:
      let source = pointer.assumingMemoryBound(to: Int32.self)
      return Tensor(type, integers: (0..<type.count).map { Int(source[$0]) })
    case .i8:
      let source = pointer.assumingMemoryBound(to: Int8.self)
      return Tensor(type, integers: (0..<type.count).map { Int(source[$0]) })
    case .bf16:
      let source = pointer.assumingMemoryBound(to: UInt16.self)
      return Tensor(type, (0..<type.count).map { Double(Float(bitPattern: UInt32(source[$0]) << 16)) })
    case .f32:
      let source = pointer.assumingMemoryBound(to: Float.self)
      return Tensor(type, (0..<type.count).map { Double(source[$0]) })
    }
  }

  /// Everything that a run leaves behind: outputs by name, symbols by `@name`.
  func results() -> [String: Tensor] {
    var results: [String: Tensor] = [:]
    for port in program.outputs { results[port.name] = contents(port.value) }
    for use in program.symbols { results["@" + use.symbol.name] = contents(use.value) }
    return results
  }

  /// One run from the given contents.
  func run() throws -> [String: Tensor] {
    try prepare()
    executable.run()
    return results()
  }
}

extension [String: Tensor] {
  /// The first name under which two sets of results differ in a bit; nil where they are the same. A NaN equals itself.
  func firstDifference(from other: [String: Tensor]) -> String? {
    guard keys.sorted() == other.keys.sorted() else { return "the names" }
    return keys.sorted().first { name in
      guard let a = self[name], let b = other[name] else { return true }
      return a.integers != b.integers || a.reals.map(\.bitPattern) != b.reals.map(\.bitPattern)
    }
  }
}
