/// The ops that a parser knows, by mnemonic.
public struct OpRegistry: Sendable {
  private let types: [String: any Op.Type]

  /// A registry of the given ops.
  public init(_ ops: [any Op.Type]) {
    var types: [String: any Op.Type] = [:]
    for op in ops {
      for mnemonic in op.mnemonics {
        precondition(types[mnemonic] == nil, "two ops are called \(mnemonic)")
        types[mnemonic] = op
      }
    }
    self.types = types
  }

  /// All mnemonics, sorted.
  public var mnemonics: [String] { types.keys.sorted() }

  package func make(_ mnemonic: String, _ attributes: [String: Attribute]) throws(OpError) -> any Op {
    guard let type = types[mnemonic] else { throw OpError("unknown op '\(mnemonic)'") }
    var reader = AttributeReader(attributes)
    let op = try type.init(mnemonic: mnemonic, attributes: &reader)
    try reader.finish()
    return op
  }
}
