/// A value that differs between two specs.
public struct SpecChange: Sendable, Equatable, CustomStringConvertible {
  /// Path of the value, for example `training.tokenizer.batch`.
  public let path: String
  /// The value before and after, as YAML; nil where the key is absent.
  public let old: String?
  /// The value after.
  public let new: String?

  /// Every value that differs, in the order of the format.
  public static func all(from old: ModelSpec, to new: ModelSpec) -> [SpecChange] {
    let before = leaves(SpecSchema.root.write(old))
    let after = leaves(SpecSchema.root.write(new))
    let values = Dictionary(uniqueKeysWithValues: before)
    let known = Set(after.map(\.path))
    let gone = before.filter { !known.contains($0.path) }.map { SpecChange(path: $0.path, old: $0.value, new: nil) }
    return after.compactMap { path, value in
      values[path] == value ? nil : SpecChange(path: path, old: values[path], new: value)
    } + gone
  }

  /// For example `training.tokenizer.batch: 16 -> 8`.
  public var description: String { "\(path): \(old ?? "absent") -> \(new ?? "absent")" }

  private static func leaves(_ value: SpecValue, _ path: String = "") -> [(path: String, value: String)] {
    switch value {
    case .record(let entries): entries.flatMap { leaves($0.value, SpecPath.join(path, $0.key)) }
    case .list(let items) where items.contains(where: \.isRecord):
      items.enumerated().flatMap { leaves($0.element, "\(path)[\($0.offset)]") }
    default: [(path, value.inline)]
    }
  }
}
