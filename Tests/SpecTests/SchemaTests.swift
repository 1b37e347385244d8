import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Spec

/// The schema as data: what editors, the manual and the suggestions make of it.
struct SchemaTests {
  private static func visit(_ record: RecordShape, _ path: String, _ body: (RecordShape, FieldShape, String) -> Void) {
    for field in record.fields {
      let inner = SpecPath.join(path, field.key)
      body(record, field, inner)
      switch field.shape {
      case .record(let record): visit(record, inner, body)
      case .list(of: .record(let record), _): visit(record, inner + "[]", body)
      default: break
      }
    }
  }

  @Test func everyKeyIsDocumented() {
    let manual = ReferencePrinter.markdown
    Self.visit(SpecSchema.root.shape, "") { record, field, path in
      #expect(field.key.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
      #expect(field.summary.hasSuffix(".") && field.summary.count > 5, "\(path)")
      #expect(manual.contains("| `\(field.key)` |") && manual.contains(field.summary), "\(path) is not in the manual")
      // A name that other programs use must lead to one key.
      for synonym in field.synonyms {
        let keys = record.fields.filter { $0.key == synonym || ($0.key != field.key && $0.synonyms.contains(synonym)) }
        #expect(keys.isEmpty, "\(synonym) of \(path) is ambiguous")
      }
    }
  }

  /// The parts of JSON Schema that the printer uses.
  private func problems(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
    var found: [String] = []
    let known: Set = [
      "$schema", "title", "description", "default", "type", "properties", "required", "not", "additionalProperties",
      "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "pattern", "oneOf", "items",
      "minItems",
      "maxItems",
    ]
    for key in schema.keys where !known.contains(key) { found.append("\(path): the schema uses \(key)") }
    func check(_ condition: Bool, _ text: String) { if !condition { found.append("\(path): \(text)") } }
    if let choices = schema["oneOf"] as? [[String: Any]] {
      check(choices.count { $0["const"] as? String == value as? String } == 1, "is no choice")
    }
    switch schema["type"] as? String {
    case "object":
      guard let object = value as? [String: Any] else { return found + ["\(path) is no object"] }
      let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
      for (key, value) in object {
        if let property = properties[key] {
          found += problems(value, property, SpecPath.join(path, key))
        } else {
          check(schema["additionalProperties"] as? Bool != false, "\(key) is not allowed")
        }
      }
      for key in schema["required"] as? [String] ?? [] { check(object[key] != nil, "\(key) is missing") }
      if let all = (schema["not"] as? [String: Any])?["required"] as? [String] {
        check(!all.allSatisfy { object[$0] != nil }, "\(all) exclude each other")
      }
    case "array":
      guard let items = value as? [Any] else { return found + ["\(path) is no array"] }
      check(items.count >= schema["minItems"] as? Int ?? 0, "is too short")
      check(items.count <= schema["maxItems"] as? Int ?? .max, "is too long")
      for (index, item) in items.enumerated() {
        found += problems(item, schema["items"] as? [String: Any] ?? [:], "\(path)[\(index)]")
      }
    case "string":
      guard let text = value as? String else { return found + ["\(path) is no string"] }
      check(text.count >= schema["minLength"] as? Int ?? 0, "is too short")
      if let pattern = schema["pattern"] as? String {
        check(text.range(of: pattern, options: .regularExpression) != nil, "does not match \(pattern)")
      }
    case "integer", "number":
      guard let number = (value as? NSNumber)?.doubleValue else { return found + ["\(path) is no number"] }
      if schema["type"] as? String == "integer" { check(number == number.rounded(), "is not whole") }
      check(number >= schema["minimum"] as? Double ?? -.infinity, "is too small")
      check(number <= schema["maximum"] as? Double ?? .infinity, "is too large")
      check(number > schema["exclusiveMinimum"] as? Double ?? -.infinity, "is too small")
      check(number < schema["exclusiveMaximum"] as? Double ?? .infinity, "is too large")
    case "boolean": check(value is Bool, "is no truth value")
    case let type: check(type == nil && schema["oneOf"] != nil, "has no type")
    }
    return found
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: ShippedSpecTests.names) func shippedSpecsFitTheJSONSchema(_ name: String) throws {
    let json = SpecSchema.root.write(try ShippedSpecTests.load(name)).json
    #expect(problems(try object(json.text), try object(JSONSchemaPrinter.text), "") == [])
  }

  /// Whatever the JSON Schema can express it refuses as `facet check` does.
  @Test func theJSONSchemaRefusesWhatTheReaderRefuses() throws {
    let schema = try object(JSONSchemaPrinter.text)
    let sound = """
      { "name": "tiny", "image": { "size": 64 }, "tokenizer": {
        "encoder": { "channels": 32, "multipliers": [1, 2, 2, 4] }, "codebooks": [{ "name": "visual", "size": 512 }] } }
      """
    #expect(problems(try object(sound), schema, "") == [])
    let changes = [
      ("\"size\": 64", "\"size\": 0"), ("\"size\": 64", "\"size\": 6.5"), ("\"size\": 64", "\"sise\": 64"),
      ("\"size\": 64", "\"size\": \"64\""), ("\"name\": \"tiny\", ", ""), ("\"tiny\"", "\"my model\""),
      ("[1, 2, 2, 4]", "[]"), ("[{ \"name\": \"visual\", \"size\": 512 }]", "{}"),
      ("\"name\": \"tiny\"", "\"name\": \"tiny\", \"losses\": { \"reconstruction\": { \"kind\": \"l3\" } }"),
      ("\"name\": \"tiny\"", "\"name\": \"tiny\", \"training\": { \"tokenizer\": { \"epochs\": 1, \"steps\": 2 } }"),
      ("\"channels\": 32", "\"channels\": 32, \"dropout\": 1"),
    ]
    for (part, other) in changes {
      let text = sound.replacing(part, with: other)
      #expect(problems(try object(text), schema, "") != [], "\(text)")
      #expect(SpecLoader.load(text: text, file: "a.yaml").diagnostics.hasErrors, "\(text)")
    }
  }

  /// Specs with random values for the keys print as text that reads back as the same spec.
  @Test(arguments: 0..<200) func printedSpecsReadBack(_ seed: Int) {
    var random = RandomTensors(seed: seed)
    func number(_ range: NumberRange) -> Double {
      let share = [0.25, 0.1, 1e-7, 0.999, 1.0 / 3].randomElement(using: &random) ?? 0.5
      guard let upper = range.upper else {
        // A point of a run is a share below 1 or a whole number of steps.
        return Bool.random(using: &random) ? range.lower + share : range.lower + Double(Int(share * 1e4)) + 1
      }
      return range.lower + (upper - range.lower) * share
    }
    func value(_ shape: SpecShape) -> SpecValue {
      switch shape {
      case .integer(let range):
        return .int(Int.random(in: range.lowerBound...min(range.upperBound, range.lowerBound + 40), using: &random))
      case .number(let range): return .number(number(range))
      case .flag: return .bool(Bool.random(using: &random))
      case .text:
        return .text(
          ["/data/a b", "null", "- x", "a: b # c", "\"q\"", "\u{e9}\n\t\\", "0x1F", "true", "~", "@x", "1e3", " x "]
            .randomElement(using: &random) ?? "x")
      case .name: return .text(["null", "n1", "true", "a_b", "No", "e5"].randomElement(using: &random) ?? "x")
      case .choice(let choices): return .text(choices.randomElement(using: &random)?.value ?? "")
      case .list(let item, let count):
        return .list(
          (0..<Int.random(in: count.lowerBound...min(count.upperBound, count.lowerBound + 3), using: &random))
            .map { _ in value(item) })
      case .record(let record):
        var entries: [(key: String, value: SpecValue)] = []
        for field in record.fields
        where !entries.contains(where: { record.exclusive.contains($0.key) && record.exclusive.contains(field.key) }) {
          if case .required = field.presence {} else if Bool.random(using: &random) { continue }
          if field.key == "facet" { continue }
          entries.append((field.key, value(field.shape)))
        }
        return .record(entries)
      }
    }
    guard case .record(let entries) = value(.record(SpecSchema.root.shape)) else { return }
    let text = entries.map { "\($0.key): \($0.value.inline)" }.joined(separator: "\n") + "\n"
    let loaded = SpecLoader.open(text: text, file: "/models/random.yaml")
    // Random numbers break rules between keys; what they must not break is reading.
    let broken = loaded.diagnostics.filter { $0.code < "F0300" }
    #expect(broken.isEmpty, "\(text)\n\(TextRenderer().render(broken))")
    guard let spec = loaded.spec else { return }
    #expect(SpecLoader.load(text: SpecPrinter.yaml(spec), file: "/elsewhere/random.yaml").spec == spec)
  }
}
