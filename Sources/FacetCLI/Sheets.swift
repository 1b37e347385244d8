import Imaging

/// Pictures of pictures.
enum Sheets {
  /// Rows of originals, each above the row of its reconstructions.
  static func pairs(_ pairs: [(original: Image, reconstruction: Image)], columns: Int = 8) -> Image? {
    var groups: [[[Image]]] = []
    for first in stride(from: 0, to: pairs.count, by: columns) {
      let part = pairs[first..<min(pairs.count, first + columns)]
      groups.append([part.map(\.original), part.map(\.reconstruction)])
    }
    return ImageSheet().compose(groups: groups)
  }
}
