/// Cells laid out in columns: the first at the left, the others at the right.
struct TextTable {
  /// The lines, each ending with a newline.
  let text: String

  init(_ cells: [[String]]) {
    let columns = cells.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      cells.compactMap { $0.count > column ? $0[column].count : nil }.max() ?? 0
    }
    text = cells.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + (row.count > 1 ? space : "") : space + cell
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
