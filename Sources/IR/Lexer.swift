/// Splits IR text into words, numbers, strings and punctuation.
struct Lexer {
  struct Token {
    var text: String
    var line: Int
    var column: Int
  }

  private let tokens: [Token]
  private var position = 0

  init(_ text: String) throws(ParseError) {
    let bytes = Array(text.utf8)
    var tokens: [Token] = []
    var index = 0
    var line = 1
    var lineStart = 0
    func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
        return true
      default: return false
      }
    }
    while index < bytes.count {
      let byte = bytes[index]
      let column = index - lineStart + 1
      if byte == UInt8(ascii: "\n") {
        line += 1
        lineStart = index + 1
        index += 1
      } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") {
        index += 1
      } else if byte == UInt8(ascii: "/") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "/") {
        while index < bytes.count && bytes[index] != UInt8(ascii: "\n") { index += 1 }
      } else if byte == UInt8(ascii: "-") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: ">") {
        tokens.append(Token(text: "->", line: line, column: column))
        index += 2
      } else if isWord(byte) || byte == UInt8(ascii: "-") {
        let start = index
        index += 1
        while index < bytes.count {
          let exponentSign =
            (bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+"))
            && bytes[index - 1] == UInt8(ascii: "e")
            && (bytes[start] == UInt8(ascii: "-") || (48...57).contains(bytes[start]))
          guard isWord(bytes[index]) || exponentSign else { break }
          index += 1
        }
        tokens.append(Token(text: String(decoding: bytes[start..<index], as: UTF8.self), line: line, column: column))
      } else if byte == UInt8(ascii: "\"") {
        let start = index + 1
        index = start
        while index < bytes.count && bytes[index] != UInt8(ascii: "\"") && bytes[index] != UInt8(ascii: "\n") {
          index += 1
        }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
          throw ParseError(line: line, column: column, message: "unterminated string")
        }
        tokens.append(Token(text: String(decoding: bytes[start..<index], as: UTF8.self), line: line, column: column))
        index += 1
      } else {
        tokens.append(Token(text: String(UnicodeScalar(byte)), line: line, column: column))
        index += 1
      }
    }
    tokens.append(Token(text: "", line: line, column: index - lineStart + 1))
    self.tokens = tokens
  }

  var peek: Token { tokens[position] }

  mutating func advance() { if position + 1 < tokens.count { position += 1 } }

  mutating func next() -> Token {
    let token = peek
    advance()
    return token
  }

  mutating func take(_ text: String) -> Bool {
    guard peek.text == text else { return false }
    advance()
    return true
  }

  mutating func expect(_ text: String) throws(ParseError) {
    guard take(text) else { throw error("expected '\(text)', found '\(peek.text)'") }
  }

  mutating func name(after sigil: String) throws(ParseError) -> String {
    try expect(sigil)
    guard let first = peek.text.first, first.isLetter || first.isNumber || first == "_" else {
      throw error("expected a name after '\(sigil)'")
    }
    return next().text
  }

  /// A whole number of at most 32 bits and a sign: no attribute or extent is larger, and sums of them cannot overflow.
  mutating func integer() throws(ParseError) -> Int {
    guard let value = Int(peek.text) else { throw error("expected an integer, found '\(peek.text)'") }
    guard value.magnitude <= 1 << 32 else { throw error("\(value) is out of range") }
    advance()
    return value
  }

  mutating func real() throws(ParseError) -> Float {
    guard let value = Float(peek.text) else { throw error("expected a number, found '\(peek.text)'") }
    advance()
    return value
  }

  func error(_ message: String) -> ParseError {
    ParseError(line: peek.line, column: peek.column, message: message)
  }
}
