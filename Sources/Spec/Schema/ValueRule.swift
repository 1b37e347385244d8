import Diagnostics
import YAML

/// How one value is read, checked and written. `read` gets the default and returns nil after reporting a problem.
struct ValueRule<Value: Sendable>: Sendable {
  let shape: SpecShape
  let read: @Sendable (YAMLNode, _ initial: Value?, SpecReader) -> Value?
  let write: @Sendable (Value) -> SpecValue
}

extension ValueRule where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> ValueRule {
    let shape = SpecShape.integer(range)
    return ValueRule(
      shape: shape,
      read: { node, _, reader in
        guard let scalar = reader.scalar(node, shape) else { return nil }
        guard case .int(let value) = scalar.value else {
          return reader.mismatch(node, shape, Rewriting.integer(scalar, range).map(String.init))
        }
        guard range.contains(value) else { return reader.outOfRange(node, "\(value)", shape) }
        return value
      }, write: SpecValue.int)
  }
}

extension ValueRule where Value == Double {
  static func number(_ range: NumberRange) -> ValueRule {
    let shape = SpecShape.number(range)
    return ValueRule(
      shape: shape,
      read: { node, _, reader in
        guard let scalar = reader.scalar(node, shape) else { return nil }
        let value: Double
        switch scalar.value {
        case .int(let int): value = Double(int)
        case .number(let number): value = number
        default: return reader.mismatch(node, shape, Rewriting.number(scalar, range))
        }
        guard range.contains(value) else { return reader.outOfRange(node, scalar.text, shape) }
        return value
      }, write: SpecValue.number)
  }
}

extension ValueRule where Value == Bool {
  static var flag: ValueRule {
    ValueRule(
      shape: .flag,
      read: { node, _, reader in
        guard let scalar = reader.scalar(node, .flag) else { return nil }
        guard case .bool(let value) = scalar.value else { return reader.mismatch(node, .flag, Rewriting.flag(scalar)) }
        return value
      }, write: SpecValue.bool)
  }
}

extension ValueRule where Value == String {
  /// Any text that is not empty.
  static var text: ValueRule {
    ValueRule(
      shape: .text,
      read: { node, _, reader in
        guard let scalar = reader.scalar(node, .text) else { return nil }
        guard !scalar.text.isEmpty else { return reader.mismatch(node, .text, nil) }
        return scalar.text
      }, write: SpecValue.text)
  }

  /// A text made of few kinds of characters.
  static func name(_ style: NameStyle) -> ValueRule {
    let shape = SpecShape.name(style)
    return ValueRule(
      shape: shape,
      read: { node, _, reader in
        guard let scalar = reader.scalar(node, shape) else { return nil }
        guard style.accepts(scalar.text) else { return reader.badName(node, scalar.text, style) }
        return scalar.text
      }, write: SpecValue.text)
  }
}

extension ValueRule where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the cases of an enumeration; `summary` explains each.
  static func choice(_ summary: (Value) -> String) -> ValueRule {
    let shape = SpecShape.choice(Value.allCases.map { SpecChoice(value: $0.rawValue, summary: summary($0)) })
    return ValueRule(
      shape: shape,
      read: { node, _, reader in
        guard let scalar = reader.scalar(node, shape) else { return nil }
        guard let value = Value(rawValue: scalar.text) else {
          return reader.unknownChoice(node, scalar.text, Value.allCases.map(\.rawValue))
        }
        return value
      }, write: { .text($0.rawValue) })
  }
}

extension ValueRule {
  /// A list; when some items are wrong all are reported, and there is no value.
  static func list<Item>(of item: ValueRule<Item>, count: ClosedRange<Int>) -> ValueRule where Value == [Item] {
    let shape = SpecShape.list(of: item.shape, count: count)
    return ValueRule(
      shape: shape,
      read: { node, _, reader in
        guard let nodes = reader.items(node, shape) else { return nil }
        let items = nodes.enumerated().map { index, node in
          reader.enter(index, node) { item.read(node, nil, reader) }
        }
        guard count.contains(nodes.count) else { return reader.wrongCount(node, nodes.count, shape, count) }
        let read = items.compactMap { $0 }
        return read.count == items.count ? read : nil
      }, write: { .list($0.map(item.write)) })
  }
}

/// Edits that turn what was written into what was clearly meant: never into a value that the key does not take.
enum Rewriting {
  static func integer(_ scalar: YAMLScalar, _ range: ClosedRange<Int>) -> Int? {
    let bare = ungrouped(scalar.text)
    let whole = Double(bare).flatMap { $0 == $0.rounded() && abs($0) < 1e15 ? Int($0) : nil }
    return (Int(bare) ?? whole).flatMap { range.contains($0) ? $0 : nil }
  }

  static func number(_ scalar: YAMLScalar, _ range: NumberRange) -> String? {
    let bare = ungrouped(scalar.text)
    guard case .text = YAMLScalar(text: bare, isPlain: true).value else {
      return Double(bare).flatMap { range.contains($0) ? bare : nil }
    }
    return nil
  }

  /// Without spaces around and without `_` or `,` between groups of three digits.
  private static func ungrouped(_ text: String) -> String {
    let bare = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    guard bare.wholeMatch(of: /[+-]?[0-9]{1,3}([_,][0-9]{3})+(\.[0-9]+)?/) != nil else { return bare }
    return bare.filter { $0 != "_" && $0 != "," }
  }

  static func flag(_ scalar: YAMLScalar) -> String? {
    switch scalar.text.lowercased() {
    case "yes", "on", "true", "y", "1": "true"
    case "no", "off", "false", "n", "0": "false"
    default: nil
    }
  }
}
