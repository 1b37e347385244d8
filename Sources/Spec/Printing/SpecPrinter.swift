import Diagnostics

/// Prints a spec as a complete file: every key, defaults included. Reading it back gives an equal spec.
public enum SpecPrinter {
  /// The YAML text of a spec, ending with a newline.
  public static func yaml(_ spec: ModelSpec) -> String {
    lines(of: SpecSchema.root.write(spec), note: { _ in nil }).joined(separator: "\n") + "\n"
  }

  /// The same, with a comment after each value that says where it comes from: a line of the file, or the default.
  public static func annotatedYAML(_ loaded: LoadedSpec) -> String? {
    guard let spec = loaded.spec else { return nil }
    func origin(_ path: String) -> String {
      loaded.places.value(path).map { "line \($0.line)" } ?? "default"
    }
    let printed = lines(of: SpecSchema.root.write(spec), note: origin)
    return printed.joined(separator: "\n") + "\n"
  }

  private static func lines(of root: SpecValue, note: (String) -> String?) -> [String] {
    var out: [(text: String, note: String?)] = []
    func visit(_ value: SpecValue, key: String, path: String, indent: String) {
      switch value {
      case .record(let entries):
        out.append(("\(indent)\(key):", nil))
        for entry in entries {
          visit(entry.value, key: entry.key, path: SpecPath.join(path, entry.key), indent: indent + "  ")
        }
      case .list(let items) where items.contains(where: \.isRecord):
        out.append(("\(indent)\(key):", nil))
        for (index, item) in items.enumerated() {
          out.append(("\(indent)  - \(item.inline)", note("\(path)[\(index)]")))
        }
      default: out.append(("\(indent)\(key): \(value.inline)", note(path)))
      }
    }
    if case .record(let entries) = root {
      for entry in entries { visit(entry.value, key: entry.key, path: entry.key, indent: "") }
    }
    let column = out.filter { $0.note != nil }.map(\.text.count).max() ?? 0
    return out.map { line in
      line.note.map { line.text + String(repeating: " ", count: column - line.text.count) + "  # \($0)" } ?? line.text
    }
  }
}
