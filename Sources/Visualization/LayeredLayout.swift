/// Places a graph's nodes in layers from top to bottom: a node stands one layer below the lowest node that it reads.
///
/// Grouping by scope can make cycles (a part read by another and reading from it); an edge to a node that comes
/// earlier in execution order does not move anything.
struct LayeredLayout {
  struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }

  var boxes: [Box]
  var width: Double
  var height: Double

  init(_ graph: GraphModel, lineHeight: Double = 16, characterWidth: Double = 6.6) {
    var layer = [Int](repeating: 0, count: graph.nodes.count)
    let forward = graph.edges.filter { $0.from < $0.to }.sorted { $0.to < $1.to }
    for edge in forward { layer[edge.to] = max(layer[edge.to], layer[edge.from] + 1) }
    let layerCount = (layer.max() ?? 0) + 1
    var members = [[Int]](repeating: [], count: layerCount)
    for node in graph.nodes.indices { members[layer[node]].append(node) }

    var neighbours = [[Int]](repeating: [], count: graph.nodes.count)
    for edge in forward {
      neighbours[edge.from].append(edge.to)
      neighbours[edge.to].append(edge.from)
    }
    var rank = [Double](repeating: 0, count: graph.nodes.count)
    for row in members { for (position, node) in row.enumerated() { rank[node] = Double(position) } }
    // A few sweeps of the barycentre heuristic remove most crossings.
    for sweep in 0..<8 {
      for index in sweep % 2 == 0 ? Array(members.indices) : members.indices.reversed() {
        let centre = Dictionary(
          uniqueKeysWithValues: members[index].map { node -> (Int, Double) in
            let around = neighbours[node]
            return (node, around.isEmpty ? rank[node] : around.reduce(0) { $0 + rank[$1] } / Double(around.count))
          })
        members[index].sort { (centre[$0] ?? 0, $0) < (centre[$1] ?? 0, $1) }
        for (position, node) in members[index].enumerated() {
          rank[node] = Double(position) - Double(members[index].count - 1) / 2
        }
      }
    }

    let gap = 28.0
    var placed = graph.nodes.map { node in
      let longest = node.lines.map(\.count).max() ?? 1
      return Box(
        x: 0, y: 0, width: Double(longest) * characterWidth + 24, height: Double(node.lines.count) * lineHeight + 14)
    }
    let rowWidth = members.map { row in row.reduce(-gap) { $0 + placed[$1].width + gap } }
    let total = (rowWidth.max() ?? 0) + 2 * gap
    var y = 56.0
    for (index, row) in members.enumerated() {
      var x = (total - rowWidth[index]) / 2
      for node in row {
        placed[node].x = x
        placed[node].y = y
        x += placed[node].width + gap
      }
      y += (row.map { placed[$0].height }.max() ?? 0) + 46
    }
    boxes = placed
    width = total
    height = y
  }
}
