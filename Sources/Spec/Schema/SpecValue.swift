import Diagnostics

/// A value of a spec in its written form, between the typed spec and YAML or JSON text.
indirect enum SpecValue: Sendable {
  case bool(Bool)
  case int(Int)
  case number(Double)
  case text(String)
  case list([SpecValue])
  case record([(key: String, value: SpecValue)])

  var json: JSON {
    switch self {
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .number(let value): value == value.rounded() && abs(value) < 1e9 ? .int(Int(value)) : .number(value)
    case .text(let value): .string(value)
    case .list(let items): .array(items.map(\.json))
    case .record(let entries): .object(entries.map { ($0.key, $0.value.json) })
    }
  }

  /// YAML on one line, in flow style.
  var inline: String {
    switch self {
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .number(let value): Self.text(of: value)
    case .text(let value): YAMLText.quotedIfNeeded(value)
    case .list(let items): "[" + items.map(\.inline).joined(separator: ", ") + "]"
    case .record(let entries): "{ " + entries.map { "\($0.key): \($0.value.inline)" }.joined(separator: ", ") + " }"
    }
  }

  /// Whether it is a mapping.
  var isRecord: Bool {
    if case .record = self { true } else { false }
  }

  /// The shortest text that reads back as the same number; whole numbers without a fraction.
  static func text(of value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : "\(value)"
  }
}
