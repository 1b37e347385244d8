/// A JSON value whose objects keep the order of their keys.
public indirect enum JSON: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// A number; one that is not finite is printed as `null`.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSON])
  /// An object, in the order in which it is printed.
  case object([(key: String, value: JSON)])

  /// The text, indented by two spaces per level.
  public var text: String {
    var out = ""
    write(to: &out, indent: "")
    return out
  }

  /// Values are equal when they print the same.
  public static func == (a: JSON, b: JSON) -> Bool { a.text == b.text }

  private func write(to out: inout String, indent: String) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .int(let value): out += String(value)
    case .number(let value): out += value.isFinite ? String(value) : "null"
    case .string(let value): JSON.write(value, to: &out)
    case .array(let items):
      JSON.writeList(items, "[", "]", indent, to: &out) { item, inner, out in item.write(to: &out, indent: inner) }
    case .object(let entries):
      JSON.writeList(entries, "{", "}", indent, to: &out) { entry, inner, out in
        JSON.write(entry.key, to: &out)
        out += ": "
        entry.value.write(to: &out, indent: inner)
      }
    }
  }

  private static func writeList<Item>(
    _ items: [Item], _ open: String, _ close: String, _ indent: String, to out: inout String,
    item: (Item, String, inout String) -> Void
  ) {
    guard !items.isEmpty else { return out += open + close }
    let inner = indent + "  "
    out += open
    for (index, value) in items.enumerated() {
      out += (index == 0 ? "\n" : ",\n") + inner
      item(value, inner, &out)
    }
    out += "\n" + indent + close
  }

  private static func write(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let control where control.value < 0x20 || control.value == 0x7F:
        let digits = String(control.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
