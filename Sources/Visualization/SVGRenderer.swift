/// Draws a graph as a self-contained SVG picture.
public enum SVGRenderer {
  /// The text of an SVG document.
  public static func render(_ graph: GraphModel) -> String {
    let layout = LayeredLayout(graph)
    let (width, height) = (number(layout.width), number(layout.height))
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="Helvetica, Arial, sans-serif">
      <defs><marker id="arrow" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">\
      <path d="M0,0 L8,4 L0,8 z" fill="#666"/></marker></defs>
      <rect width="100%" height="100%" fill="white"/>
      <text x="16" y="28" font-size="17" font-weight="bold">\(escaped(graph.title))</text>

      """
    for edge in graph.edges { text += draw(edge, layout) }
    for (node, box) in zip(graph.nodes, layout.boxes) { text += draw(node, box) }
    return text + "</svg>\n"
  }

  private static func draw(_ edge: GraphModel.Edge, _ layout: LayeredLayout) -> String {
    let (from, to) = (layout.boxes[edge.from], layout.boxes[edge.to])
    let (x1, y1) = (from.x + from.width / 2, from.y + from.height)
    let (x2, y2) = (to.x + to.width / 2, to.y)
    let bend = max(20, abs(y2 - y1) / 2)
    let path =
      "M\(number(x1)),\(number(y1)) C\(number(x1)),\(number(y1 + bend)) \(number(x2)),\(number(y2 - bend)) \(number(x2)),\(number(y2))"
    let label = escaped(edge.label)
    return """
      <path d="\(path)" fill="none" stroke="#888" stroke-width="1.1" marker-end="url(#arrow)"><title>\(label)</title></path>
      <text x="\(number((x1 + x2) / 2 + 4))" y="\(number((y1 + y2) / 2 + 3))" font-size="9" fill="#555">\(label)</text>

      """
  }

  private static func draw(_ node: GraphModel.Node, _ box: LayeredLayout.Box) -> String {
    var text = """
      <rect x="\(number(box.x))" y="\(number(box.y))" width="\(number(box.width))" height="\(number(box.height))" \
      rx="7" fill="\(Palette.fill(node))" stroke="#444"/>

      """
    for (index, line) in node.lines.enumerated() {
      let weight = index == 0 ? " font-weight=\"bold\"" : ""
      text += """
        <text x="\(number(box.x + box.width / 2))" y="\(number(box.y + 19 + Double(index) * 16))" font-size="11" \
        text-anchor="middle"\(weight)>\(escaped(line))</text>

        """
    }
    return text
  }

  private static func number(_ value: Double) -> String { Quantity.fixed(value, 1) }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
    return result
  }
}
