import Foundation

/// A value of a log line. A number that JSON cannot spell is written as the string "nan", "inf" or "-inf", so that a
/// diverged run leaves a readable log.
public enum LogValue: Sendable, Equatable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
  /// A number with a fraction.
  case double(Double)
  /// A whole number.
  case int(Int)
  /// A text.
  case string(String)
  /// A truth value.
  case bool(Bool)

  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// The value as JSON.
  var json: String {
    switch self {
    case .double(let value): value.isFinite ? "\(value)" : "\"\(value)\""
    case .int(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): quoted(value)
    }
  }
}

/// A log of one JSON object per line, in the order of the steps, kept exact over interruptions: each line is one write, and
/// resuming from step N drops what a longer, interrupted run had written after N (and a line torn by a kill).
public final class JSONLinesLog {
  /// The path as given.
  public let path: String
  private let file: FileDescriptor

  /// Opens a log for appending, creating it where absent.
  /// - Parameters:
  ///   - lastStep: keep lines up to this step (the value of the integer key "step"; lines without one belong to the
  ///     line before them) and cut the rest; `nil` starts an empty log.
  /// - Throws: `FileError`.
  public init(path: String, keepingUpTo lastStep: Int?) throws(FileError) {
    self.path = path
    file = try FileDescriptor(path, flags: O_RDWR | O_CREAT | O_APPEND)
    var kept = 0
    if let lastStep {
      let bytes = try readWholeFile(path, maximumBytes: 1 << 32)
      kept = JSONLinesLog.lengthUpTo(lastStep, in: bytes)
    }
    guard ftruncate(file.number, off_t(kept)) == 0 else { throw FileError("truncate", path, code: errno) }
  }

  /// Appends a line; its fields keep their order. Field names repeat at the caller's risk.
  public func append(_ fields: [(name: String, value: LogValue)]) throws(FileError) {
    let line = "{" + fields.map { "\(quoted($0.name)):\($0.value.json)" }.joined(separator: ",") + "}\n"
    let bytes = Array(line.utf8)
    try bytes.withUnsafeBytes { buffer in Result { () throws(FileError) in try file.write(buffer) } }.get()
  }

  /// Flushes the log to the disk; a checkpoint calls it, so that the log never lags behind the weights.
  public func synchronize() throws(FileError) { try file.synchronize() }

  private struct StepOnly: Decodable { let step: Int? }

  /// Bytes of the whole, valid lines before the first whose step exceeds `lastStep`.
  private static func lengthUpTo(_ lastStep: Int, in bytes: [UInt8]) -> Int {
    let decoder = JSONDecoder()
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      guard let line = try? decoder.decode(StepOnly.self, from: Data(bytes[start..<end])) else { return start }
      if let step = line.step, step > lastStep { return start }
      start = end + 1
    }
    return start
  }
}

/// A string as a JSON literal.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where scalar.value < 0x20:
      let hex = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
