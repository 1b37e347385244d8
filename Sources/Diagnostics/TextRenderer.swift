/// Renders diagnostics for people: message, source lines with underlines, notes, help.
public struct TextRenderer: Sendable {
  /// Whether ANSI colours are used.
  public let color: Bool

  /// Creates a renderer; without colours unless asked.
  public init(color: Bool = false) {
    self.color = color
  }

  /// Nobody reads more messages than this at once.
  static let most = 100

  /// The first hundred diagnostics, separated by empty lines, and a line that counts them all.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    guard !diagnostics.isEmpty else { return "" }
    let left = diagnostics.count - Self.most
    let rest = left > 0 ? "; the first \(Self.most) are shown" : ""
    return diagnostics.prefix(Self.most).map(render).joined(separator: "\n") + "\n" + summary(diagnostics) + rest + "\n"
  }

  /// One diagnostic, with a final newline.
  public func render(_ diagnostic: Diagnostic) -> String {
    let style: Style = diagnostic.severity == .error ? .error : .warning
    let title = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", style)
    var out = [title + paint(": " + Diagnostic.printable(diagnostic.message), .bold)]
    let places = ([diagnostic.primary].compactMap { $0 } + diagnostic.secondary).map(\.span.line)
    let margin = String(places.max() ?? 0).count
    let pad = String(repeating: " ", count: margin)

    if let primary = diagnostic.primary {
      // The primary label's file comes first; labels in other files follow, one block per file.
      var files = [primary.span.source.name]
      for label in diagnostic.secondary where !files.contains(label.span.source.name) {
        files.append(label.span.source.name)
      }
      for (index, file) in files.enumerated() {
        var labels = diagnostic.secondary.filter { $0.span.source.name == file }.map { SourceExcerpt.Mark($0, false) }
        if index == 0 { labels.insert(SourceExcerpt.Mark(primary, true), at: 0) }
        guard let first = labels.first?.label.span else { continue }
        let name = Diagnostic.printable(file)
        out.append("\(pad)\(paint(index == 0 ? "-->" : ":::", .frame)) \(name):\(first.line):\(first.column)")
        out += SourceExcerpt(marks: labels, margin: margin, primaryStyle: style, paint: paint).lines
      }
    }
    let bullet = pad + " " + paint("=", .frame)
    out += diagnostic.notes.map { "\(bullet) \(paint("note", .bold)): \(Diagnostic.printable($0))" }
    out += diagnostic.help.map { "\(bullet) \(paint("help", .bold)): \(Diagnostic.printable($0))" }
    out += diagnostic.fixIts.map { fixIt in
      "\(bullet) \(paint("fix", .bold)): \(Diagnostic.printable(fixIt.message))"
    }
    return out.joined(separator: "\n") + "\n"
  }

  /// For example `2 errors, 1 warning`.
  public func summary(_ diagnostics: [Diagnostic]) -> String {
    Diagnostic.Severity.allCases.compactMap { severity in
      let count = diagnostics.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }.joined(separator: ", ")
  }

  enum Style: String {
    case error = "1;31"
    case warning = "1;33"
    case bold = "1"
    case frame = "1;34"
  }

  private func paint(_ text: String, _ style: Style) -> String {
    color && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
