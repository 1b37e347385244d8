import Foundation
import IR
import Planning

extension ParameterStore {
  /// Computes derived symbols once and for all. Symbols that the store does not hold exist only while something is
  /// computed from them, so that weights and what is made of them are never both held of more than one.
  ///
  /// - Parameters:
  ///   - setup: Plans, each of whose outputs is the value of the derived symbol of its name.
  ///   - load: Fills a parameter just created, by name, if it is not to keep its first value.
  public func derive(
    _ setup: [Plan], pool: ThreadPool, kernels: KernelSelection, load: (String) throws -> Void
  ) throws {
    for plan in setup where plan.program.outputs.contains(where: { entries[$0.name] == nil }) {
      let temporary = plan.program.symbols.map(\.symbol).filter { entries[$0.name] == nil }
      defer { for symbol in temporary { entries[symbol.name] = nil } }
      for symbol in temporary {
        try add(symbol, isTemporary: true)
        if symbol.role == .parameter { try load(symbol.name) }
      }
      try derive(plan, pool: pool, kernels: kernels)
    }
  }

  /// Computes the derived symbols of a plan, as the symbols that it reads are now.
  func derive(_ plan: Plan, pool: ThreadPool, kernels: KernelSelection) throws(ParameterStoreError) {
    let executable = try Executable(plan, store: self, pool: pool, kernels: kernels)
    executable.run()
    for port in plan.program.outputs {
      let type = plan.program.type(of: port.value)
      try add(Symbol(name: port.name, type: type, role: .derived, initializer: .zeros))
      if let target = base(port.name) { memcpy(target, executable.pointer(port.value), type.byteCount) }
    }
  }
}
