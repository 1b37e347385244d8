import Diagnostics

/// Finds characters that YAML does not allow before libyaml does, since libyaml gives them no line and column.
enum YAMLCharacters {
  static func firstProblem(in source: SourceFile) -> Diagnostic? {
    for (number, line) in source.lines.enumerated() {
      for (column, scalar) in line.unicodeScalars.enumerated() where !isAllowed(scalar) {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        return Diagnostic(
          .yamlSyntax, "the character \(name) is not allowed in YAML",
          at: .init(source.span(line: number + 1, column: column + 1)),
          help: ["remove it, or check that this is a text file"])
      }
    }
    return nil
  }

  /// The printable set of YAML 1.2, section 5.1, within a line.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}

/// What to do about the syntax errors that people make most.
enum YAMLSyntaxHelp {
  static func advice(for problem: String, line: String) -> String? {
    if problem.contains("cannot start any token") {
      if line.contains("\t") { return "indent with spaces: YAML does not allow tabs" }
      return "put the value into quotes"
    }
    if problem.contains("mapping values are not allowed") {
      return "put each key on its own line, and quote a value that contains `: `"
    }
    if problem.contains("expected ',' or '}'") { return "close the mapping with `}` and separate its keys by commas" }
    if problem.contains("expected ',' or ']'") { return "close the list with `]` and separate its values by commas" }
    if problem.contains("could not find expected ':'") { return "write a colon and a space between key and value" }
    if problem.contains("expected <block end>") || problem.contains("expected key") {
      return "indent the keys of one section by the same number of spaces"
    }
    if problem.contains("found unexpected end of stream") { return "close the quotation mark" }
    return nil
  }
}
