import Diagnostics

/// Prints the format as a JSON Schema (draft 2020-12), for completion and checking in editors.
public enum JSONSchemaPrinter {
  /// The schema's text. Rules that involve several keys are not expressible and are left to `facet check`.
  public static var text: String {
    let head: [(key: String, value: JSON)] = [
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("title", .string("Facet model spec")),
    ]
    return JSON.object(head + entries(of: SpecSchema.root.shape)).text + "\n"
  }

  private static func entries(of record: RecordShape) -> [(key: String, value: JSON)] {
    var entries: [(key: String, value: JSON)] = [
      ("description", .string(record.summary)), ("type", .string("object")),
      ("properties", .object(record.fields.map { ($0.key, property($0)) })),
    ]
    let required = record.fields.compactMap { field -> JSON? in
      if case .required = field.presence { .string(field.key) } else { nil }
    }
    if !required.isEmpty { entries.append(("required", .array(required))) }
    if !record.exclusive.isEmpty {
      entries.append(("not", .object([("required", .array(record.exclusive.map(JSON.string)))])))
    }
    entries.append(("additionalProperties", .bool(false)))
    return entries
  }

  private static func property(_ field: FieldShape) -> JSON {
    // A section's description comes from the key, which says more about its place than the section does.
    var entries = self.entries(of: field.shape).filter { $0.key != "description" }
    entries.insert(("description", .string(field.summary)), at: 0)
    if case .defaulted(let value) = field.presence, !field.shape.isRecord { entries.append(("default", value.json)) }
    return .object(entries)
  }

  private static func entries(of shape: SpecShape) -> [(key: String, value: JSON)] {
    switch shape {
    case .integer(let range):
      let maximum: [(key: String, value: JSON)] =
        range.upperBound == .max ? [] : [("maximum", .int(range.upperBound))]
      return [("type", .string("integer")), ("minimum", .int(range.lowerBound))] + maximum
    case .number(let range):
      let lower = SpecValue.number(range.lower).json
      let upper = range.upper.map { SpecValue.number($0).json }
      return [("type", .string("number")), (range.isAboveLower ? "exclusiveMinimum" : "minimum", lower)]
        + (upper.map { [(range.isBelowUpper ? "exclusiveMaximum" : "maximum", $0)] } ?? [])
    case .flag: return [("type", .string("boolean"))]
    case .text: return [("type", .string("string")), ("minLength", .int(1))]
    case .name(let style): return [("type", .string("string")), ("pattern", .string(style.pattern))]
    case .choice(let choices):
      return [
        (
          "oneOf",
          .array(choices.map { .object([("const", .string($0.value)), ("description", .string($0.summary))]) })
        )
      ]
    case .list(let item, let count):
      return [
        ("type", .string("array")), ("items", .object(entries(of: item))), ("minItems", .int(count.lowerBound)),
        ("maxItems", .int(count.upperBound)),
      ]
    case .record(let record): return entries(of: record)
    }
  }
}

extension SpecShape {
  var isRecord: Bool {
    if case .record = self { true } else { false }
  }
}
