/// Lays pictures out on one sheet: rows of cells as large as the largest picture, apart by a margin, groups of rows apart by
/// a wider one. Smaller pictures lie at the top left of their cell.
public struct ImageSheet: Equatable, Sendable {
  /// Pixels between cells, and around the sheet.
  public var margin = 2
  /// Pixels between groups of rows.
  public var groupMargin = 8
  /// The colour between pictures, in [-1, 1]; white unless changed.
  public var background: (red: Float, green: Float, blue: Float) = (1, 1, 1)

  /// A sheet with the usual margins, on white.
  public init() {}

  /// Whether two sheets lay out alike.
  public static func == (a: ImageSheet, b: ImageSheet) -> Bool {
    a.margin == b.margin && a.groupMargin == b.groupMargin && a.background == b.background
  }

  /// One sheet of groups of rows of pictures; `nil` where there is no picture at all.
  public func compose(groups: [[[Image]]]) -> Image? {
    let rows = groups.joined()
    let columns = rows.map(\.count).max() ?? 0
    guard let cellWidth = rows.joined().map(\.width).max(), let cellHeight = rows.joined().map(\.height).max() else {
      return nil
    }
    let width = margin + columns * (cellWidth + margin)
    let filled = groups.filter { !$0.isEmpty }
    let height = margin + rows.count * (cellHeight + margin) + (filled.count - 1) * (groupMargin - margin)
    var sheet = Image(
      width: width, height: height, red: background.red, green: background.green, blue: background.blue)
    var top = margin
    for group in filled {
      for row in group {
        for (column, image) in row.enumerated() {
          let left = margin + column * (cellWidth + margin)
          for y in 0..<image.height {
            let target = ((top + y) * width + left) * 3
            let source = y * image.width * 3
            sheet.pixels.replaceSubrange(
              target..<target + image.width * 3, with: image.pixels[source..<source + image.width * 3])
          }
        }
        top += cellHeight + margin
      }
      top += groupMargin - margin
    }
    return sheet
  }

  /// One sheet of pictures in reading order, `columns` a row; `nil` where there is no picture.
  /// - Precondition: `columns` at least 1.
  public func compose(_ images: [Image], columns: Int) -> Image? {
    precondition(columns > 0, "a row has at least one column")
    let rows = stride(from: 0, to: images.count, by: columns).map {
      Array(images[$0..<min($0 + columns, images.count)])
    }
    return compose(groups: [rows])
  }
}

extension ImageSheet {
  /// A sheet of pairs: rows of the first pictures, each above the row of the second; `nil` where there is no pair.
  public static func pairs(_ pairs: [(Image, Image)], columns: Int = 8) -> Image? {
    let groups = stride(from: 0, to: pairs.count, by: columns).map { first in
      let part = pairs[first..<min(pairs.count, first + columns)]
      return [part.map { $0.0 }, part.map { $0.1 }]
    }
    return ImageSheet().compose(groups: groups)
  }
}
