import Planning

/// One row of cost per program.
struct CostTable {
  /// The table, ending with a newline.
  let text: String

  /// The table of the given programs.
  init(_ statistics: [PlanStatistics]) {
    var cells = [["program", "parameters", "FLOP", "weights", "state", "working memory", "lower bound", "total"]]
    for row in statistics {
      cells.append([
        row.program, Quantity.count(row.parameterCount), Quantity.count(row.flops),
        PlanPrinter.bytes(row.parameterByteCount), PlanPrinter.bytes(row.stateByteCount + row.constantByteCount),
        PlanPrinter.bytes(row.arenaByteCount), PlanPrinter.bytes(row.lowerBoundByteCount),
        PlanPrinter.bytes(row.totalByteCount),
      ])
    }
    text = TextTable(cells).text
  }
}
