/// A typed attribute value.
public enum Attribute: Hashable, Sendable {
  /// An integer.
  case int(Int)
  /// A real number.
  case real(Float)
  /// A truth value.
  case bool(Bool)
  /// A word: the case of an enumeration. Several words stand between quotes.
  case word(String)
  /// A list of integers.
  case ints([Int])

  /// The textual form. Reals always carry a point or an exponent, so they read back as reals.
  public var text: String {
    switch self {
    case .int(let value): return String(value)
    case .real(let value):
      let text = "\(value)"
      return text.contains { ".einf".contains($0) } ? text : text + ".0"
    case .bool(let value): return value ? "true" : "false"
    case .word(let value): return value.contains(" ") ? "\"\(value)\"" : value
    case .ints(let values): return "[" + values.map(String.init).joined(separator: ", ") + "]"
    }
  }
}

/// Collects an op's attributes in print order.
public struct AttributeWriter {
  package private(set) var entries: [(name: String, value: Attribute)] = []

  package init() {}

  /// Writes an integer.
  public mutating func put(_ name: String, _ value: Int) { entries.append((name, .int(value))) }
  /// Writes a real number.
  public mutating func put(_ name: String, _ value: Float) { entries.append((name, .real(value))) }
  /// Writes a truth value.
  public mutating func put(_ name: String, _ value: Bool) { entries.append((name, .bool(value))) }
  /// Writes a list of integers.
  public mutating func put(_ name: String, _ value: [Int]) { entries.append((name, .ints(value))) }
  /// Writes a case of an enumeration.
  public mutating func put<E: RawRepresentable>(_ name: String, _ value: E) where E.RawValue == String {
    entries.append((name, .word(value.rawValue)))
  }

  /// Writes several words.
  public mutating func put(_ name: String, text: String) { entries.append((name, .word(text))) }

  package var text: String {
    if entries.isEmpty { return "" }
    return "{" + entries.map { "\($0.name) = \($0.value.text)" }.joined(separator: ", ") + "}"
  }
}

/// Hands an op its parsed attributes; what the op leaves unread is reported as unknown.
public struct AttributeReader {
  private var entries: [String: Attribute]

  package init(_ entries: [String: Attribute]) { self.entries = entries }

  private mutating func take(_ name: String) throws(OpError) -> Attribute {
    guard let value = entries.removeValue(forKey: name) else { throw OpError("missing attribute '\(name)'") }
    return value
  }

  /// Reads an integer.
  public mutating func int(_ name: String) throws(OpError) -> Int {
    guard case .int(let value) = try take(name) else { throw OpError("attribute '\(name)' must be an integer") }
    return value
  }

  /// Reads a real number; an integer is accepted.
  public mutating func real(_ name: String) throws(OpError) -> Float {
    switch try take(name) {
    case .real(let value): return value
    case .int(let value): return Float(value)
    default: throw OpError("attribute '\(name)' must be a number")
    }
  }

  /// Reads a truth value.
  public mutating func bool(_ name: String) throws(OpError) -> Bool {
    guard case .bool(let value) = try take(name) else { throw OpError("attribute '\(name)' must be true or false") }
    return value
  }

  /// Reads a list of integers.
  public mutating func ints(_ name: String) throws(OpError) -> [Int] {
    guard case .ints(let value) = try take(name) else {
      throw OpError("attribute '\(name)' must be a list of integers")
    }
    return value
  }

  /// Reads a case of an enumeration.
  public mutating func word<E: RawRepresentable & CaseIterable>(
    _ name: String, as type: E.Type = E.self
  ) throws(OpError) -> E where E.RawValue == String {
    if case .word(let text) = try take(name), let value = E(rawValue: text) { return value }
    throw OpError("attribute '\(name)' must be one of \(E.allCases.map(\.rawValue).joined(separator: ", "))")
  }

  /// Reads one or several words.
  public mutating func text(_ name: String) throws(OpError) -> String {
    guard case .word(let value) = try take(name) else { throw OpError("attribute '\(name)' must be text") }
    return value
  }

  /// Reads a truth value that is false where it is not written.
  public mutating func flag(_ name: String) throws(OpError) -> Bool {
    entries[name] == nil ? false : try bool(name)
  }

  /// Reads a case of an enumeration that has a default where it is not written.
  public mutating func word<E: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: E
  ) throws(OpError) -> E where E.RawValue == String {
    entries[name] == nil ? fallback : try word(name, as: E.self)
  }

  /// Reports attributes that nobody read.
  package func finish() throws(OpError) {
    if let name = entries.keys.sorted().first { throw OpError("unknown attribute '\(name)'") }
  }
}
