/// Numbers for people.
enum Quantity {
  /// Three significant digits with a decimal prefix: `1.53 M`.
  static func short(_ value: Int) -> String {
    let prefixes = ["", "k", "M", "G", "T", "P"]
    var scaled = Double(value)
    var index = 0
    while scaled.magnitude >= 999.5 && index + 1 < prefixes.count {
      scaled /= 1000
      index += 1
    }
    if index == 0 { return "\(value) " }
    let digits = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2
    return "\(fixed(scaled, digits)) \(prefixes[index])"
  }

  /// A number with a fixed count of decimals.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    let rounded = (value * factor).rounded()
    guard rounded.magnitude < 9e15 else { return "\(value)" }
    let units = Int(rounded.magnitude)
    let sign = rounded < 0 ? "-" : ""
    guard digits > 0 else { return sign + String(units) }
    let text = String(units)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
  }
}
