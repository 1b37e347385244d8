/// Prints the reference manual of the format, in Markdown: one table per section.
public enum ReferencePrinter {
  /// The manual's text.
  public static var markdown: String {
    var sections: [String] = []
    visit(SpecSchema.root.shape, path: "", into: &sections)
    return "# Spec reference\n\n" + sections.joined(separator: "\n")
  }

  private static func visit(_ record: RecordShape, path: String, into sections: inout [String]) {
    var text = path.isEmpty ? "## Top level\n\n" : "## `\(path)`\n\n"
    text += "\(record.summary)\n\n| key | value | default | meaning |\n|---|---|---|---|\n"
    for field in record.fields {
      text += "| `\(field.key)` | \(value(field, path)) | \(standard(field)) | \(field.summary) |\n"
    }
    if !record.exclusive.isEmpty {
      text += "\nAt most one of \(record.exclusive.map { "`\($0)`" }.joined(separator: ", ")) may be given.\n"
    }
    sections.append(text)
    for field in record.fields {
      let inner = SpecPath.join(path, field.key)
      switch field.shape {
      case .record(let record): visit(record, path: inner, into: &sections)
      case .list(of: .record(let record), _): visit(record, path: inner + "[]", into: &sections)
      default: break
      }
    }
  }

  private static func value(_ field: FieldShape, _ path: String) -> String {
    switch field.shape {
    case .choice(let choices): choices.map { "`\($0.value)`: \($0.summary)" }.joined(separator: "; ")
    case .record: "section `\(SpecPath.join(path, field.key))`"
    case .list(of: .record, let count): "list of \(SpecShape.words(count: count)), see below"
    case .text, .name, .flag, .integer, .number, .list: field.shape.expectation
    }
  }

  private static func standard(_ field: FieldShape) -> String {
    switch field.presence {
    case .required: "required"
    case .optional(let absent): absent
    case .defaulted(let value): field.shape.isRecord ? "see below" : "`\(value.inline)`"
    }
  }
}
