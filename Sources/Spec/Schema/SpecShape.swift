import Diagnostics

/// What values a key takes, as data: the source of error messages, of the JSON Schema and of the reference manual.
indirect enum SpecShape: Sendable {
  case integer(ClosedRange<Int>)
  case number(NumberRange)
  case flag
  case text
  case name(NameStyle)
  case choice([SpecChoice])
  case list(of: SpecShape, count: ClosedRange<Int>)
  case record(RecordShape)

  /// Completes "must be ...".
  var expectation: String {
    switch self {
    case .integer(let range): "a whole number \(Self.words(range))"
    case .number(let range): "a number \(range.words)"
    case .flag: "`true` or `false`"
    case .text: "a text"
    case .name(let style): style.words
    case .choice(let choices): Self.alternatives(choices.map { "`\($0.value)`" })
    case .list(let item, let count): "a list of \(Self.words(count: count)), each \(item.expectation)"
    case .record(let record): "a mapping with the keys \(record.fields.map { "`\($0.key)`" }.joined(separator: ", "))"
    }
  }

  /// The kind of value in a word or two.
  var brief: String {
    switch self {
    case .integer: "a whole number"
    case .number: "a number"
    case .flag: "`true` or `false`"
    case .text, .name: "a text"
    case .choice(let choices): Self.alternatives(choices.map { "`\($0.value)`" })
    case .list: "a list"
    case .record: "a mapping"
    }
  }

  static func words(_ range: ClosedRange<Int>) -> String {
    if range.lowerBound == range.upperBound { return "equal to \(range.lowerBound)" }
    return range.upperBound == .max
      ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
  }

  static func words(count: ClosedRange<Int>) -> String {
    if count.lowerBound == count.upperBound { return "\(count.lowerBound) values" }
    return "\(count.lowerBound) to \(count.upperBound) values"
  }

  static func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}

/// Which characters a name may have.
enum NameStyle: Sendable {
  /// Safe in file names.
  case file
  /// Safe in file names and in dotted parameter names.
  case identifier

  var words: String {
    switch self {
    case .file: "a name: letters, digits, `-`, `_` and `.`, starting with a letter or digit"
    case .identifier: "a name: letters, digits and `_`, starting with a letter"
    }
  }

  /// The same as a regular expression.
  var pattern: String {
    switch self {
    case .file: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
    case .identifier: "^[A-Za-z][A-Za-z0-9_]{0,63}$"
    }
  }

  func accepts(_ text: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let first = text.utf8.first, text.utf8.count <= 64 else { return false }
    let others: String = self == .file ? "-_." : "_"
    return (isLetter(first) || (self == .file && isDigit(first)))
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || others.utf8.contains($0) }
  }
}

/// One of the words that a key takes.
struct SpecChoice: Sendable {
  let value: String
  let summary: String
}

/// An interval of numbers.
struct NumberRange: Sendable {
  var lower: Double
  var isAboveLower = false
  var upper: Double?
  var isBelowUpper = false

  static let nonNegative = NumberRange(lower: 0)
  static let positive = NumberRange(lower: 0, isAboveLower: true)
  static let zeroToOne = NumberRange(lower: 0, upper: 1)
  static let zeroToHalf = NumberRange(lower: 0, upper: 0.5)
  static let zeroToBelowOne = NumberRange(lower: 0, upper: 1, isBelowUpper: true)
  static let aboveZeroToOne = NumberRange(lower: 0, isAboveLower: true, upper: 1)

  func contains(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    guard isAboveLower ? value > lower : value >= lower else { return false }
    guard let upper else { return true }
    return isBelowUpper ? value < upper : value <= upper
  }

  var words: String {
    let low = isAboveLower ? "above \(SpecValue.text(of: lower))" : "of at least \(SpecValue.text(of: lower))"
    guard let upper else { return low }
    return "\(low) and \(isBelowUpper ? "below" : "at most") \(SpecValue.text(of: upper))"
  }
}

/// The keys of a mapping.
struct RecordShape: Sendable {
  let summary: String
  let fields: [FieldShape]
  /// Keys that later versions may use, and what they would ask for.
  let reserved: [String: String]
  /// Keys of which at most one may be written.
  let exclusive: [String]
}

/// One key of a mapping.
struct FieldShape: Sendable {
  enum Presence: Sendable {
    case required(example: String)
    case defaulted(SpecValue)
    /// What happens when the key is left out.
    case optional(String)
  }

  let key: String
  let summary: String
  /// Names that other programs use for the same thing; known only to suggest the right one.
  let synonyms: [String]
  let presence: Presence
  let shape: SpecShape
}
