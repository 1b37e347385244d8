/// Writes a graph in Graphviz's language.
public enum DOTRenderer {
  /// The text of a digraph.
  public static func render(_ graph: GraphModel) -> String {
    var text = "digraph \(quoted(graph.title)) {\n"
    text += "  rankdir=TB;\n  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11];\n"
    text += "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#666666\"];\n"
    for (index, node) in graph.nodes.enumerated() {
      let label = node.lines.joined(separator: "\n")
      text += "  n\(index) [label=\(quoted(label)), fillcolor=\"\(Palette.fill(node))\"];\n"
    }
    for edge in graph.edges {
      text += "  n\(edge.from) -> n\(edge.to) [label=\(quoted(edge.label))];\n"
    }
    return text + "}\n"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}

/// Colours shared by the renderers.
enum Palette {
  static func fill(_ node: GraphModel.Node) -> String {
    switch node.kind {
    case .input: return "#dbeafe"
    case .output: return "#fde68a"
    case .part:
      if node.name.hasSuffix("+gradient") { return "#fbe4e4" }
      if node.name.hasPrefix("optimizer") { return "#e5e7eb" }
      if node.name.hasPrefix("losses") { return "#f3e8ff" }
      return "#dcfce7"
    }
  }
}
