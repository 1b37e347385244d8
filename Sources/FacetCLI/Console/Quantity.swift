import Foundation

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
