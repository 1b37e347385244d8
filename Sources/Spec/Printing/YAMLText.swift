import YAML

/// Writes texts so that they read back as the same text.
enum YAMLText {
  static func quotedIfNeeded(_ text: String) -> String {
    isPlainSafe(text) ? text : quoted(text)
  }

  private static func isPlainSafe(_ text: String) -> Bool {
    guard case .text = YAMLScalar(text: text, isPlain: true).value else { return false }
    guard let first = text.unicodeScalars.first, isWord(first) || first == "/" || first == "." else { return false }
    return text.unicodeScalars.allSatisfy { isWord($0) || "/._-+".unicodeScalars.contains($0) } && text != "---"
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case let other where isPrintable(other): out.unicodeScalars.append(other)
      case let other:
        let hex = String(other.value, radix: 16, uppercase: true)
        out += "\\U" + String(repeating: "0", count: 8 - hex.count) + hex
      }
    }
    return out + "\""
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
    default: true
    }
  }
}
