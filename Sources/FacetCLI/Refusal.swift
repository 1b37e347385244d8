import Diagnostics

/// A command that cannot go on, in words for the terminal.
struct Refusal: Error {
  /// What is wrong and what to do about it.
  var message: String
  /// 1 where the work failed, 2 where the command line is wrong.
  var exitCode: Int32

  /// The command line asks for something that is not there.
  static func usage(_ message: String) -> Refusal { Refusal(message: message, exitCode: 2) }

  /// The work cannot be done.
  static func failed(_ message: String) -> Refusal { Refusal(message: message, exitCode: 1) }
}

/// A spec with errors.
struct SpecFailure: Error {
  /// All that is wrong.
  var diagnostics: [Diagnostic]

  /// The text for the terminal, without the last newline.
  func rendered(color: Bool) -> String { String(TextRenderer(color: color).render(diagnostics).dropLast()) }
}
