/// Applies the edits of diagnostics to a source.
public enum FixApplier {
  /// The text after all safe edits that do not overlap, and how many were applied.
  public static func apply(_ diagnostics: [Diagnostic], to source: SourceFile) -> (text: String, applied: Int) {
    var edits = diagnostics.flatMap(\.fixIts).filter { $0.applicability == .safe && $0.span.source.name == source.name }
    edits.sort { ($0.span.line, $0.span.column) > ($1.span.line, $1.span.column) }
    var scalars = Array(source.text.unicodeScalars)
    let starts = lineStarts(scalars)
    var applied = 0
    var limit = scalars.count
    // From the end of the text, so that earlier positions stay valid.
    for edit in edits where edit.span.line <= starts.count {
      let from = starts[edit.span.line - 1] + edit.span.column - 1
      let to = from + edit.span.length
      guard to <= limit else { continue }
      scalars.replaceSubrange(from..<to, with: Array(edit.replacement.unicodeScalars))
      limit = from
      applied += 1
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return (String(view), applied)
  }

  private static func lineStarts(_ scalars: [Unicode.Scalar]) -> [Int] {
    var starts = [0]
    for (index, scalar) in scalars.enumerated() {
      let isPairStart = scalar == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
      if Character(scalar).isNewline, !isPairStart { starts.append(index + 1) }
    }
    return starts
  }
}
