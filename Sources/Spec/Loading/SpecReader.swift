import Diagnostics
import YAML

/// Reads one document along the schema: keeps the current path, the places of all values, and what was wrong.
final class SpecReader {
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var places: SpecPlaces
  private var path = ""
  /// Whether the value at the path cannot be left out.
  private var isRequired = true

  init(source: SourceFile) {
    places = SpecPlaces(start: source.span(line: 1, column: 1, length: 0))
  }

  /// A file with more problems than this is no spec with mistakes; the rest of them is not looked for.
  private static let most = 1000

  func report(_ diagnostic: Diagnostic) { if diagnostics.count < Self.most { diagnostics.append(diagnostic) } }

  /// Runs `body` with the path of an entry, whose place is noted.
  func enter<T>(_ entry: YAMLEntry, isRequired: Bool, _ body: () -> T) -> T {
    let outer = self.isRequired
    self.isRequired = isRequired
    defer { self.isRequired = outer }
    return enter(SpecPath.join(path, entry.key), key: entry.keySpan, entry.value.span, body)
  }

  /// Runs `body` with the path of a list item, whose place is noted.
  func enter<T>(_ index: Int, _ node: YAMLNode, _ body: () -> T) -> T {
    enter("\(path)[\(index)]", key: nil, node.span, body)
  }

  private func enter<T>(_ inner: String, key: SourceSpan?, _ value: SourceSpan, _ body: () -> T) -> T {
    let outer = path
    path = inner
    defer { path = outer }
    places.note(inner, key: key, value: value)
    return body()
  }

  // MARK: Kinds of nodes

  func scalar(_ node: YAMLNode, _ shape: SpecShape) -> YAMLScalar? {
    guard case .scalar(let scalar) = node.content, scalar.value != .null else { return mismatch(node, shape, nil) }
    return scalar
  }

  func items(_ node: YAMLNode, _ shape: SpecShape) -> [YAMLNode]? {
    guard case .sequence(let items) = node.content else { return mismatch(node, shape, nil) }
    return items
  }

  /// The known entries of a mapping by key, after reporting unknown, missing and conflicting ones.
  func entries(_ node: YAMLNode, _ shape: RecordShape) -> [String: YAMLEntry]? {
    guard case .mapping(let entries) = node.content else { return mismatch(node, .record(shape), nil) }
    var known: [String: YAMLEntry] = [:]
    var meant: Set<String> = []
    let siblings = Set(entries.map(\.key))
    for entry in entries {
      if shape.fields.contains(where: { $0.key == entry.key }) {
        known[entry.key] = entry
      } else if diagnostics.count < Self.most,
        let guess = UnknownKey(entry: entry, path: path, shape: shape, siblings: siblings).report(to: self)
      {
        meant.insert(guess)
        places.markUnread(SpecPath.join(path, guess))
      }
    }
    for field in shape.fields where known[field.key] == nil && !meant.contains(field.key) {
      if case .required(let example) = field.presence { missing(field, example, in: node) }
    }
    let both = shape.exclusive.compactMap { known[$0] }
    if both.count > 1 { conflict(both) }
    return known
  }

  // MARK: Problems; each returns nil and notes that the current value could not be read

  func mismatch<T>(_ node: YAMLNode, _ shape: SpecShape, _ rewritten: String?) -> T? {
    places.markUnread(path)
    let subject = path.isEmpty ? "a spec" : "`\(path)`"
    let found: String
    switch node.content {
    case .invalid: return nil
    case .sequence: found = "this is a list"
    case .mapping: found = "this is a mapping"
    case .scalar(let scalar):
      switch scalar.value {
      case .null: found = "it has no value"
      case .bool: found = "this is a truth value"
      case .int, .number: found = "this is \(scalar.text)"
      case .text: found = scalar.isPlain ? "this is the text \(Diagnostic.quote(scalar.text))" : "this is quoted text"
      }
    }
    report(
      Diagnostic(
        .wrongType, "\(subject) must be \(shape.brief), but \(found)", at: places.valueLabel(path, node.span),
        help: ["write \(shape.expectation)"] + (isRemovable(node, shape) ? ["or remove the key"] : []),
        fixIts: fix(node, rewritten)))
    return nil
  }

  func outOfRange<T>(_ node: YAMLNode, _ value: String, _ shape: SpecShape) -> T? {
    places.markUnread(path)
    report(
      Diagnostic(
        .outOfRange, "`\(path)` must be \(shape.expectation), but is \(value)", at: .init(node.span, "out of range")))
    return nil
  }

  func badName<T>(_ node: YAMLNode, _ name: String, _ style: NameStyle) -> T? {
    places.markUnread(path)
    report(
      Diagnostic(
        .badName, "`\(path)` cannot be \(Diagnostic.quote(name))", at: .init(node.span),
        notes: ["it becomes part of file names and parameter names"],
        help: ["write \(style.words), at most 64 of them"]))
    return nil
  }

  func unknownChoice<T>(_ node: YAMLNode, _ written: String, _ choices: [String]) -> T? {
    places.markUnread(path)
    let guess = Suggestion.nearest(to: written, among: choices)
    report(
      Diagnostic(
        .unknownChoice, "`\(path)` cannot be \(Diagnostic.quote(written))",
        at: .init(node.span, guess.map { "did you mean `\($0)`?" } ?? ""),
        help: ["write \(SpecShape.alternatives(choices.map { "`\($0)`" }))"],
        fixIts: guess.map { fix(node, $0, Suggestion.sameWords(written, $0) ? .safe : .suggestion) } ?? []))
    return nil
  }

  func wrongCount<T>(_ node: YAMLNode, _ count: Int, _ shape: SpecShape, _ range: ClosedRange<Int>) -> T? {
    places.markUnread(path)
    report(
      Diagnostic(
        .wrongCount, "`\(path)` must have \(SpecShape.words(count: range)), but has \(count)",
        at: .init(node.span), help: ["write \(shape.expectation)"]))
    return nil
  }

  private func missing(_ field: FieldShape, _ example: String, in node: YAMLNode) {
    places.markUnread(SpecPath.join(path, field.key))
    let section = path.isEmpty ? "the spec" : "`\(path)`"
    report(
      Diagnostic(
        .missingKey, "\(section) lacks the key `\(field.key)`", at: places.sectionLabel(path, node.span),
        notes: ["`\(field.key)`: \(field.summary)"], help: ["for example `\(field.key): \(example)`"]))
  }

  private func conflict(_ given: [YAMLEntry]) {
    let entries = given.sorted { ($0.keySpan.line, $0.keySpan.column) < ($1.keySpan.line, $1.keySpan.column) }
    for entry in entries { places.markUnread(SpecPath.join(path, entry.key)) }
    let names = entries.map { "`\($0.key)`" }.joined(separator: " and ")
    report(
      Diagnostic(
        .conflictingKeys, "\(names) cannot both be given in `\(path)`", at: .init(entries[1].keySpan),
        also: [.init(entries[0].keySpan, "given first")], help: ["keep one of them"]))
  }

  /// Whether the value is an empty section that need not be there.
  private func isRemovable(_ node: YAMLNode, _ shape: SpecShape) -> Bool {
    guard !isRequired, case .record = shape, case .scalar(let scalar) = node.content else { return false }
    return scalar.value == .null
  }

  private func fix(
    _ node: YAMLNode, _ replacement: String?, _ applicability: FixIt.Applicability = .safe
  ) -> [FixIt] {
    guard let replacement else { return [] }
    return [FixIt("write `\(replacement)`", replace: node.span, with: replacement, applicability)]
  }
}

/// Paths of keys: `tokenizer.codebooks[1].dim`.
enum SpecPath {
  static func join(_ section: String, _ key: String) -> String { section.isEmpty ? key : section + "." + key }

  /// The path of the section or list that holds a value; empty for a top-level key.
  static func parent(_ path: String) -> String {
    guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return "" }
    return String(path[..<cut])
  }

  /// Without list indices: `tokenizer.codebooks.dim`.
  static func withoutIndices(_ path: String) -> String {
    var result = ""
    var inside = false
    for character in path {
      if character == "[" { inside = true }
      if !inside { result.append(character) }
      if character == "]" { inside = false }
    }
    return result
  }
}
