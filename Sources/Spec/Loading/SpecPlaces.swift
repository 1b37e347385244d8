import Diagnostics

/// Where the values of a spec stand in its file, by path.
public struct SpecPlaces: Sendable {
  private let start: SourceSpan
  private var keys: [String: SourceSpan] = [:]
  private var values: [String: SourceSpan] = [:]
  private var unread: Set<String> = []

  init(start: SourceSpan) {
    self.start = start
  }

  /// The place of a value that is written in the file; nil for one that has its default.
  public func value(_ path: String) -> SourceSpan? { values[path] }

  /// Whether a value is written in the file.
  func isWritten(_ path: String) -> Bool { values[path] != nil }

  /// Whether nothing at, in or around a path was written wrongly.
  func isSound(_ path: String) -> Bool {
    !unread.contains { bad in bad == path || isInside(bad, path) || isInside(path, bad) }
  }

  /// A label at the innermost section around a value that is written in the file.
  func nearestSection(_ path: String) -> Diagnostic.Label {
    var section = SpecPath.parent(path)
    while !section.isEmpty, values[section] == nil { section = SpecPath.parent(section) }
    return self.section(section)
  }

  /// A label at the key of a section that is written in the file.
  func section(_ path: String, _ text: String = "") -> Diagnostic.Label {
    sectionLabel(path, values[path] ?? start, text)
  }

  /// A label for something about a whole section: at its key when it has one.
  func sectionLabel(_ path: String, _ span: SourceSpan, _ text: String = "") -> Diagnostic.Label {
    if let key = keys[path] { return .init(key, text) }
    return .init(path.isEmpty ? start : span, text)
  }

  /// A label at a value, or at its key when the value is empty.
  func valueLabel(_ path: String, _ span: SourceSpan) -> Diagnostic.Label {
    if span.length == 0, let key = keys[path] { return .init(key) }
    return .init(span)
  }

  mutating func note(_ path: String, key: SourceSpan?, value: SourceSpan) {
    values[path] = value
    keys[path] = key
  }

  mutating func markUnread(_ path: String) { unread.insert(path) }

  private func isInside(_ inner: String, _ outer: String) -> Bool {
    outer.isEmpty || inner.hasPrefix(outer + ".") || inner.hasPrefix(outer + "[")
  }
}
