import Diagnostics

/// A value that takes part in a broken rule, and what to say about it.
struct Involved {
  let path: String
  let text: String

  init(_ path: String, _ text: String) {
    self.path = path
    self.text = text
  }
}

extension SpecCheck {
  /// A diagnostic about several values. The first that is written in the file is underlined, the others are pointed at,
  /// and those that have their defaults are named in notes: the file has no place that shows them.
  static func finding(
    _ message: String, _ involved: [Involved], _ places: SpecPlaces, notes: [String] = [], help: [String] = []
  ) -> Diagnostic {
    let labels = involved.compactMap { value in places.value(value.path).map { Diagnostic.Label($0, value.text) } }
    let defaults = involved.filter { !places.isWritten($0.path) }
    let nearest = involved.first.map { places.nearestSection($0.path) }
    return Diagnostic(
      kind, message, at: labels.first ?? nearest, also: Array(labels.dropFirst()),
      notes: defaults.map { "by default of `\($0.path)`: \($0.text)" } + notes, help: help)
  }
}
