import ArgumentParser
import Planning

/// A number of bytes as people write it: `512MiB`, `8GB`, `1.5 GiB`, `1000000`.
struct ByteCount: ExpressibleByArgument, CustomStringConvertible {
  /// Bytes.
  let bytes: Int

  private static let units: [(suffix: String, factor: Double)] = [
    ("kib", 0x1p10), ("mib", 0x1p20), ("gib", 0x1p30), ("tib", 0x1p40), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9),
    ("tb", 1e12), ("k", 0x1p10), ("m", 0x1p20), ("g", 0x1p30), ("t", 0x1p40), ("b", 1),
  ]

  init?(argument: String) {
    var text = argument.lowercased().filter { $0 != " " && $0 != "_" }
    var factor = 1.0
    if let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }) {
      text.removeLast(unit.suffix.count)
      factor = unit.factor
    }
    guard let number = Double(text), number > 0, number * factor < 0x1p62 else { return nil }
    bytes = Int(number * factor)
  }

  var description: String { PlanPrinter.bytes(bytes) }
}
