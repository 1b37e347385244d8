/// The source lines of one file with underlines and label texts, as `TextRenderer` shows them.
struct SourceExcerpt {
  struct Mark {
    let label: Diagnostic.Label
    let isPrimary: Bool

    init(_ label: Diagnostic.Label, _ isPrimary: Bool) {
      self.label = label
      self.isPrimary = isPrimary
    }
  }

  let marks: [Mark]
  let margin: Int
  let primaryStyle: TextRenderer.Style
  let paint: (String, TextRenderer.Style) -> String

  /// A line longer than this is shown in part.
  private static let widest = 160

  var lines: [String] {
    let byLine = Dictionary(grouping: marks, by: \.label.span.line)
    var out = [gutter("")]
    var previous: Int?
    for number in byLine.keys.sorted() {
      if let previous, number > previous + 1 { out.append(paint("...", .frame)) }
      out += excerpt(line: number, marks: byLine[number] ?? [])
      previous = number
    }
    out.append(gutter(""))
    return out
  }

  private func gutter(_ number: String) -> String {
    let pad = String(repeating: " ", count: margin - number.count)
    return paint("\(pad)\(number) |", .frame)
  }

  /// One source line, the underlines below it, and the texts of the labels from right to left.
  private func excerpt(line number: Int, marks: [Mark]) -> [String] {
    let all = marks.first?.label.span.source.lines ?? []
    let scalars = number <= all.count ? Array(all[number - 1].unicodeScalars) : []
    let leftmost = (marks.map(\.label.span.column).min() ?? 1) - 1
    let start = scalars.count > Self.widest ? max(0, min(leftmost, scalars.count) - 40) : 0
    let end = min(scalars.count, start + Self.widest)
    let cut = start < end ? scalars[start..<end] : []
    let shown = (start > 0 ? "..." : "") + text(of: cut) + (end < scalars.count ? "..." : "")
    func width(before column: Int) -> Int {
      let stop = min(max(column - 1, start), end)
      let visible = start < stop ? scalars[start..<stop].reduce(0) { $0 + columns(of: $1) } : 0
      // A place past the end of the line, such as a value missing at its end, stays there.
      let beyond = end == scalars.count ? max(0, column - 1 - scalars.count) : 0
      return (start > 0 ? 3 : 0) + visible + beyond
    }

    let ordered = marks.sorted {
      ($0.label.span.column, $0.isPrimary ? 1 : 0) < ($1.label.span.column, $1.isPrimary ? 1 : 0)
    }
    let placed = ordered.map { mark in
      let span = mark.label.span
      let from = width(before: span.column)
      return (mark: mark, from: from, length: max(1, width(before: span.column + span.length) - from))
    }

    var under = ""
    var position = 0
    for item in placed where item.from >= position {
      under += String(repeating: " ", count: item.from - position)
      under += paint(
        String(repeating: item.mark.isPrimary ? "^" : "-", count: item.length),
        item.mark.isPrimary ? primaryStyle : .frame)
      position = item.from + item.length
    }
    var pending = placed.filter { !$0.mark.label.text.isEmpty }
    if let last = pending.last, last.from == placed.last?.from {
      under += " " + Diagnostic.printable(last.mark.label.text)
      pending.removeLast()
    }
    var out = ["\(gutter(String(number))) \(shown)", "\(gutter("")) \(under)"]
    while let last = pending.popLast() {
      let bars = columnsLine(pending.map(\.from) + [last.from])
      let texts = columnsLine(pending.map(\.from), padTo: last.from) + Diagnostic.printable(last.mark.label.text)
      out += ["\(gutter("")) \(bars)", "\(gutter("")) \(texts)"]
    }
    return out.map(trimmingEnd)
  }

  private func columnsLine(_ columns: [Int], padTo end: Int? = nil) -> String {
    var line = ""
    for column in columns where column >= line.count {
      line += String(repeating: " ", count: column - line.count) + "|"
    }
    if let end, end > line.count { line += String(repeating: " ", count: end - line.count) }
    return line
  }

  private func trimmingEnd(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }

  private func text(of scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return Diagnostic.printable(String(view))
  }

  /// Terminal columns of a scalar: 0 for combining marks, 2 for wide East Asian characters and emoji.
  private func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300...0x36F, 0xFE00...0xFE0F: return 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
