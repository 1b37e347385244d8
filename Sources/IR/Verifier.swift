/// A broken invariant of a program, with the operation at fault.
public struct VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Program, operation and reason.
  public var description: String
}

extension Program {
  /// Checks the program: every value is defined once and before use, result types follow from the shape rules, types are
  /// valid, in-place updates name symbols that may be written, names are unique.
  public func verify() throws(VerificationError) {
    func fail(_ reason: String) -> VerificationError { VerificationError(description: "@\(name): \(reason)") }
    var defined = [Bool](repeating: false, count: values.count)
    for value in values { if let problem = value.type.problem { throw fail(problem) } }
    var names = Set<String>()
    for (position, port) in inputs.enumerated() {
      guard names.insert(port.name).inserted else { throw fail("two inputs are called %\(port.name)") }
      guard values.indices.contains(port.value.index), values[port.value.index].origin == .input(position) else {
        throw fail("%\(port.name) is not the value of its input")
      }
      defined[port.value.index] = true
    }
    names.removeAll()
    for (position, use) in symbols.enumerated() {
      guard names.insert(use.symbol.name).inserted else { throw fail("@\(use.symbol.name) is declared twice") }
      guard values.indices.contains(use.value.index), values[use.value.index].origin == .symbol(position) else {
        throw fail("@\(use.symbol.name) is not the value of its symbol")
      }
      guard type(of: use.value) == use.symbol.type else { throw fail("@\(use.symbol.name) has two types") }
      defined[use.value.index] = true
    }
    for (position, operation) in operations.enumerated() {
      let place = "operation \(position) \(operation.op.mnemonic) in '\(operation.scope)'"
      guard (operation.operands + operation.results).allSatisfy({ values.indices.contains($0.index) }) else {
        throw fail("\(place): names a value that the program does not have")
      }
      for operand in operation.operands where !defined[operand.index] {
        throw fail("\(place): a value is used before it is defined")
      }
      for index in operation.op.mutatedOperands {
        guard index < operation.operands.count, let symbol = symbol(of: operation.operands[index]) else {
          throw fail("\(place): operand \(index) is updated in place and must be a symbol")
        }
        guard symbol.role != .constant, symbol.role != .derived else {
          throw fail("\(place): @\(symbol.name) is \(symbol.role.rawValue)")
        }
      }
      let expected: [TensorType]
      do { expected = try operation.op.resultTypes(types(of: operation.operands)) } catch {
        throw fail("\(place): \(error)")
      }
      guard expected == types(of: operation.results) else {
        throw fail("\(place): results are \(types(of: operation.results)), the shape rule says \(expected)")
      }
      for result in operation.results {
        guard !defined[result.index] else { throw fail("\(place): a result is defined twice") }
        guard values[result.index].origin == .result else { throw fail("\(place): defines an input or symbol") }
        defined[result.index] = true
      }
    }
    names.removeAll()
    for port in outputs {
      guard names.insert(port.name).inserted else { throw fail("two outputs are called \(port.name)") }
      guard values.indices.contains(port.value.index), defined[port.value.index] else {
        throw fail("output \(port.name) is not defined")
      }
    }
  }
}
