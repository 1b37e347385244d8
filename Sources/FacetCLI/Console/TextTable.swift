import Foundation

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

/// Numbers for people.
enum Quantity {
  /// For example `111.4 M`.
  static func count(_ value: Int) -> String {
    var (number, unit) = (Double(value), 0)
    let units = ["", " k", " M", " G", " T", " P", " E"]
    while number >= 999.95 && unit + 1 < units.count {
      number /= 1000
      unit += 1
    }
    return unit == 0 ? "\(value)" : String(format: "%.1f", number) + units[unit]
  }

  /// A measure with about four digits.
  static func measure(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let magnitude = abs(value)
    return String(format: magnitude >= 100 ? "%.1f" : magnitude >= 10 ? "%.2f" : "%.4f", value)
  }

  /// A share as a percentage.
  static func percent(_ value: Double) -> String { String(format: "%.1f %%", value * 100) }
}
