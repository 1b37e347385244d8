/// A broken invariant of a program, with the operation at fault.
public struct VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Program, operation and reason.
  public var description: String
}

extension Program {
  /// Checks the program: every value is defined once and before use, result types follow from the shape rules, in-place
  /// updates name symbols that may be written, names are unique.
  public func verify() throws(VerificationError) {
    func fail(_ reason: String) -> VerificationError { VerificationError(description: "@\(name): \(reason)") }
    var defined = [Bool](repeating: false, count: values.count)
    var names = Set<String>()
    for port in inputs {
      guard names.insert(port.name).inserted else { throw fail("two inputs are called %\(port.name)") }
      defined[port.value.index] = true
    }
    names.removeAll()
    for use in symbols {
      guard names.insert(use.symbol.name).inserted else { throw fail("@\(use.symbol.name) is declared twice") }
      guard type(of: use.value) == use.symbol.type else { throw fail("@\(use.symbol.name) has two types") }
      defined[use.value.index] = true
    }
    for (position, operation) in operations.enumerated() {
      let place = "operation \(position) \(operation.op.mnemonic) in '\(operation.scope)'"
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
      guard defined[port.value.index] else { throw fail("output \(port.name) is not defined") }
    }
  }
}
