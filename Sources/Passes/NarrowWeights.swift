// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import IR
import Ops

/// How the weights of decoding are stored.
public enum WeightStorage: String, Hashable, Sendable, CaseIterable {
  /// Single precision, as trained.
  case f32
  /// bfloat16.
  case bf16
  /// 8-bit integers with one scale per output channel.
  case int8
}

/// Stores the weights of linear layers and the tables of embeddings in fewer bits. Decoding a few rows at a time is bound
/// by reading them. The narrow forms are constants of their own, made from the trained parameters, which the program
/// names no longer; parameters that the program updates stay as they are.
public struct NarrowWeights: Pass {
  public let name = "narrow-weights"
  public let summary = "Stores the weights of linear layers and embeddings as bf16, or as i8 with a scale per row."
  /// The form of the weights.
  public var storage: WeightStorage

  /// The pass.
  public init(_ storage: WeightStorage) { self.storage = storage }

  public func run(on program: inout Program) -> Bool {
    guard storage != .f32 else { return false }
    var updated: Set<ValueID> = []
    for operation in program.operations {
      for index in operation.op.mutatedOperands { updated.insert(operation.operands[index]) }
    }
    var forms: [ValueID: [ValueID]] = [:]
    for position in program.operations.indices {
      let operation = program.operations[position]
      guard let matrix = Self.matrix(of: operation) else { continue }
      let value = operation.operands[matrix]
      guard let symbol = program.symbol(of: value), symbol.role == .parameter, symbol.type.dtype == .f32,
        !updated.contains(value)
      else { continue }
      let narrow = forms[value] ?? narrowed(symbol).map { program.addSymbol($0) }
      forms[value] = narrow
      program.operations[position].operands[matrix] = narrow[0]
      program.operations[position].operands.insert(contentsOf: narrow.dropFirst(), at: 2)
    }
    program.removeUnusedSymbols(among: Set(forms.keys))
    return !forms.isEmpty
  }

  /// Position of the operand that may be narrow; scales are operand 2 of either op.
  private static func matrix(of operation: Operation) -> Int? {
    switch operation.opCase {
    case .linear: 1
    case .embedding: 0
    default: nil
    }
  }

  private func narrowed(_ symbol: Symbol) -> [Symbol] {
    let kept: [Narrowing]
    switch storage {
    case .f32: kept = []
    case .bf16: kept = [.bf16]
    case .int8: kept = [.i8, .scales]
    }
    return kept.compactMap { narrowing in
      narrowing.type(of: symbol.type).map {
        Symbol(
          name: "\(symbol.name).\(narrowing.rawValue)", type: $0, role: .constant,
          initializer: .narrowed(from: symbol.name, narrowing))
      }
    }
  }
}

extension Program {
  /// Removes those of the given symbols that no operation and no output names.
  mutating func removeUnusedSymbols(among candidates: Set<ValueID>) {
    var used = Set(outputs.map(\.value))
    for operation in operations { used.formUnion(operation.operands) }
    symbols.removeAll { candidates.contains($0.value) && !used.contains($0.value) }
    for (index, use) in symbols.enumerated() { values[use.value.index].origin = .symbol(index) }
    // What is left of a removed symbol is a value that nothing defines or reads.
    for value in candidates where !used.contains(value) { values[value.index].origin = .result }
  }
}
