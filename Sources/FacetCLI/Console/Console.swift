import Foundation

/// The two streams of the tool: results on stdout, everything else on stderr.
enum Console {
  /// Whether stderr is a terminal.
  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Columns of the terminal behind stderr; 80 where it does not say.
  static var errorWidth: Int {
    var size = winsize()
    let answered = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return answered && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Writes a result.
  static func result(_ text: String, terminator: String = "\n") { write(text + terminator, to: STDOUT_FILENO) }

  /// Writes a message.
  static func complaint(_ text: String, terminator: String = "\n") { write(text + terminator, to: STDERR_FILENO) }

  /// Writes all bytes; a closed stream is nobody's fault.
  private static func write(_ text: String, to stream: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Foundation.write(stream, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
