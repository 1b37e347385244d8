/// Renders diagnostics for machines: one JSON array, in the order given.
public struct JSONRenderer: Sendable {
  /// Creates a renderer.
  public init() {}

  /// The JSON text of an array with one object per diagnostic.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    JSON.array(diagnostics.map(value)).text + "\n"
  }

  /// The JSON value of one diagnostic.
  public func value(_ diagnostic: Diagnostic) -> JSON {
    .object([
      ("code", .string(diagnostic.code)),
      ("severity", .string(diagnostic.severity.rawValue)),
      ("message", .string(diagnostic.message)),
      ("primary", diagnostic.primary.map(value) ?? .null),
      ("secondary", .array(diagnostic.secondary.map(value))),
      ("notes", .array(diagnostic.notes.map(JSON.string))),
      ("help", .array(diagnostic.help.map(JSON.string))),
      ("fixes", .array(diagnostic.fixIts.map(value))),
    ])
  }

  private func value(_ label: Diagnostic.Label) -> JSON {
    .object(place(label.span) + [("text", .string(label.text))])
  }

  private func value(_ fixIt: FixIt) -> JSON {
    .object(
      [("message", .string(fixIt.message)), ("applicability", .string(fixIt.applicability.rawValue))]
        + place(fixIt.span) + [("replacement", .string(fixIt.replacement))])
  }

  private func place(_ span: SourceSpan) -> [(key: String, value: JSON)] {
    [
      ("file", .string(span.source.name)), ("line", .int(span.line)), ("column", .int(span.column)),
      ("length", .int(span.length)),
    ]
  }
}
