import IR

/// The table that tells what a program costs before it runs.
public struct PlanPrinter {
  /// Number of rows of the table of ops; the rest is summed up in one.
  public var rowCount: Int

  /// A printer.
  public init(rowCount: Int = 12) { self.rowCount = rowCount }

  /// The table of one plan.
  public func print(_ plan: Plan) -> String { print(plan.statistics) }

  /// The table of the numbers of one plan.
  public func print(_ statistics: PlanStatistics) -> String {
    var rows: [(String, String)] = [
      (
        "operations",
        "\(statistics.operationCount) (\(statistics.aliasCount) views, \(statistics.inPlaceCount) in place)"
      ),
      ("arithmetic", Self.scaled(statistics.flops, ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"], 1000)),
      ("memory traffic", Self.bytes(statistics.bytesMoved)),
      (
        "parameters",
        "\(Self.grouped(statistics.parameterCount)) (\(Self.bytes(statistics.parameterByteCount)))"
      ),
      ("state", Self.bytes(statistics.stateByteCount)),
      ("constants", Self.bytes(statistics.constantByteCount)),
      ("arena", "\(Self.bytes(statistics.arenaByteCount)) (\(statistics.packing); order: \(statistics.order))"),
      (
        "  lower bound",
        "\(Self.bytes(statistics.lowerBoundByteCount)) (live at \(statistics.peakOperation))"
      ),
      ("  nothing shared", Self.bytes(statistics.naiveByteCount)),
      ("  largest workspace", Self.bytes(statistics.workspaceByteCount)),
      ("total", Self.bytes(statistics.totalByteCount)),
    ]
    let width = rows.map(\.0.count).max() ?? 0
    var text = "@\(statistics.program)\n"
    for (name, value) in rows { text += "  \(Self.padded(name, width))  \(value)\n" }

    let shown = statistics.ops.prefix(rowCount)
    let rest = statistics.ops.dropFirst(rowCount)
    rows = []
    var cells = [["op", "count", "FLOP", "bytes"]]
    cells += shown.map { [$0.mnemonic, "\($0.count)", Self.scaled($0.flops), Self.bytes($0.bytesMoved)] }
    if !rest.isEmpty {
      cells.append([
        "\(rest.count) others", "\(rest.reduce(0) { $0 + $1.count })",
        Self.scaled(rest.reduce(0) { $0 + $1.flops }), Self.bytes(rest.reduce(0) { $0 + $1.bytesMoved }),
      ])
    }
    let widths = (0..<4).map { column in cells.map { $0[column].count }.max() ?? 0 }
    for row in cells {
      text += "  " + Self.padded(row[0], widths[0])
      for column in 1..<4 { text += "  " + Self.padded(row[column], widths[column], onTheLeft: true) }
      text += "\n"
    }
    return text
  }

  /// A number of bytes in binary units with three digits or more, for example `1.50 MiB`.
  public static func bytes(_ count: Int) -> String { scaled(count, ["B", "KiB", "MiB", "GiB", "TiB"], 1024) }

  private static func scaled(_ count: Int) -> String { scaled(count, ["", "k", "M", "G", "T", "P"], 1000) }

  private static func scaled(_ count: Int, _ units: [String], _ base: Int) -> String {
    var (value, unit) = (Double(count), 0)
    while value >= Double(base) && unit + 1 < units.count {
      value /= Double(base)
      unit += 1
    }
    let suffix = units[unit].isEmpty ? "" : " \(units[unit])"
    if unit == 0 { return "\(count)\(suffix)" }
    let decimals = value < 10 ? 2 : value < 100 ? 1 : 0
    let factor = [1, 10, 100][decimals]
    let rounded = Int((value * Double(factor)).rounded())
    if decimals == 0 { return "\(rounded)\(suffix)" }
    let fraction = String(rounded % factor)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(rounded / factor).\(zeros)\(fraction)\(suffix)"
  }

  private static func grouped(_ count: Int) -> String {
    var digits = Array(String(count))
    var position = digits.count - 3
    while position > 0 {
      digits.insert("_", at: position)
      position -= 3
    }
    return String(digits)
  }

  private static func padded(_ text: String, _ width: Int, onTheLeft: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return onTheLeft ? space + text : text + space
  }
}
