import Diagnostics
import YAML

/// Says what to do about a key that its section does not have: spell it right, move it, or drop it.
struct UnknownKey {
  let entry: YAMLEntry
  let path: String
  let shape: RecordShape
  /// Keys that the section has.
  let siblings: Set<String>

  /// Reports the key; returns the key of this section that was probably meant.
  func report(to reader: SpecReader) -> String? {
    let quoted = Diagnostic.quote(entry.key)
    let section = path.isEmpty ? "at the top level of a spec" : "in `\(path)`"
    if let purpose = shape.reserved[entry.key] {
      reader.report(
        Diagnostic(
          .unsupported, "`\(SpecPath.join(path, entry.key))` is not supported by this version",
          at: .init(entry.keySpan), notes: [purpose], help: ["remove the key"]))
      return nil
    }
    let here = nearestHere
    let elsewhere = SpecSchema.sections(having: entry.key, nearest: path)
    if let first = elsewhere.first {
      let others = elsewhere.dropFirst().prefix(2).map { "`\($0)`" }
      reader.report(
        Diagnostic(
          .misplacedKey, "the key \(quoted) does not belong \(section)",
          at: .init(entry.keySpan, first.isEmpty ? "belongs at the top level" : "belongs in `\(first)`"),
          notes: others.isEmpty ? [] : ["there is also one in " + others.joined(separator: " and in ")],
          help: here.map { ["or did you mean `\($0)`?"] } ?? [help]))
      return here
    }
    if let here {
      let sure = Suggestion.sameWords(entry.key, here)
      reader.report(
        Diagnostic(
          .unknownKey, "there is no key \(quoted) \(section)",
          at: .init(entry.keySpan, "did you mean `\(here)`?"), help: [help],
          fixIts: [FixIt("write `\(here)`", replace: entry.keySpan, with: here, sure ? .safe : .suggestion)]))
      return here
    }
    let far = SpecSchema.keyElsewhere(like: entry.key, nearest: path)
    reader.report(
      Diagnostic(
        .unknownKey, "there is no key \(quoted) \(section)",
        at: .init(entry.keySpan, far.map { "did you mean `\($0)`?" } ?? ""), help: [help]))
    return nil
  }

  private var help: String {
    let free = shape.fields.map(\.key).filter { !siblings.contains($0) }
    guard !free.isEmpty else { return "remove the key" }
    return "keys that can be added here: " + free.map { "`\($0)`" }.joined(separator: ", ")
  }

  /// The key of this section that was probably meant: a synonym of another program's, or a near spelling.
  private var nearestHere: String? {
    let free = shape.fields.filter { !siblings.contains($0.key) }
    let synonym = free.first { $0.synonyms.contains { Suggestion.sameWords($0, entry.key) } }
    return synonym?.key ?? Suggestion.nearest(to: entry.key, among: free.map(\.key))
  }
}
