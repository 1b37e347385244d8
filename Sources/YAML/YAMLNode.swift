import Diagnostics

/// A node of a parsed YAML document; every node knows its place, empty ones included.
public struct YAMLNode: Sendable {
  /// What a node holds.
  public enum Content: Sendable {
    /// A scalar, not yet interpreted.
    case scalar(YAMLScalar)
    /// A list.
    case sequence([YAMLNode])
    /// A mapping, in the order of the file, without duplicate keys.
    case mapping([YAMLEntry])
    /// Something that was already reported; readers pass over it in silence.
    case invalid
  }

  /// What the node holds.
  public let content: Content
  /// Where it stands: the whole node when it fits its first line, else its part on that line.
  public let span: SourceSpan

  /// Creates a node.
  public init(_ content: Content, at span: SourceSpan) {
    self.content = content
    self.span = span
  }
}

/// A key and its value.
public struct YAMLEntry: Sendable {
  /// Text of the key.
  public let key: String
  /// Place of the key.
  public let keySpan: SourceSpan
  /// The value.
  public let value: YAMLNode
}

/// A scalar as it was written.
public struct YAMLScalar: Sendable, Equatable {
  /// The text, without quotes and escapes.
  public let text: String
  /// Whether it was written without quotes; only such scalars are numbers, booleans or null.
  public let isPlain: Bool

  /// Creates a scalar.
  public init(text: String, isPlain: Bool) {
    self.text = text
    self.isPlain = isPlain
  }
}

/// A scalar's meaning under the core schema of YAML 1.2.
public enum YAMLValue: Sendable, Equatable {
  /// `null`, `~` or nothing.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number that fits 64 bits.
  case int(Int)
  /// Any other number, `.inf` and `.nan` included.
  case number(Double)
  /// Any other text.
  case text(String)
}

extension YAMLScalar {
  /// The scalar's meaning under the core schema of YAML 1.2 (so `yes` is a text and `010` is ten).
  public var value: YAMLValue {
    guard isPlain else { return .text(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    default: return number ?? .text(text)
    }
  }

  private var number: YAMLValue? {
    if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16).map(YAMLValue.int) }
    if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8).map(YAMLValue.int) }
    // Swift's own readers accept more than YAML does (`infinity`, `0x1p3`), hence the look at the characters first.
    guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), text.utf8.contains(where: isDigit) else {
      return nil
    }
    if let int = Int(text) { return .int(int) }
    return Double(text).map(YAMLValue.number)
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
