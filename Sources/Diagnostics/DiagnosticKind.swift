/// A kind of problem: its stable code and the page that `facet explain` prints. A `Diagnostic` can only be made from
/// one, so no code is without an explanation.
public struct DiagnosticKind: Sendable {
  /// An input that shows the problem.
  public struct Example: Sendable {
    /// What the page shows.
    public let shown: String
    /// The bytes of a file that has the problem; nil when the problem is that there is no file.
    public let bytes: @Sendable () -> [UInt8]?

    /// An example whose bytes are the shown text.
    public static func text(_ text: String) -> Example { Example(shown: text, bytes: { Array(text.utf8) }) }

    /// An example that is described rather than shown.
    public static func described(_ words: String, bytes: @escaping @Sendable () -> [UInt8]?) -> Example {
      Example(shown: words, bytes: bytes)
    }
  }

  /// Stable code.
  public let code: String
  /// Severity of every diagnostic of the kind.
  public let severity: Diagnostic.Severity
  /// The problem in a few words.
  public let title: String
  /// Why it is a problem, and how to resolve it.
  public let explanation: String
  /// An input with the problem.
  public let wrong: Example
  /// The same input without it.
  public let right: String

  /// Creates a kind.
  public init(
    _ code: String,
    _ title: String,
    severity: Diagnostic.Severity = .error,
    explanation: String,
    wrong: Example,
    right: String
  ) {
    self.code = code
    self.severity = severity
    self.title = title
    self.explanation = explanation
    self.wrong = wrong
    self.right = right
  }

  /// The page that `facet explain` prints, in Markdown.
  public var page: String {
    func block(_ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    " + $0 }
        .joined(separator: "\n")
    }
    return """
      # \(code): \(title)

      \(explanation)

      Wrong:

      \(block(wrong.shown))

      Right:

      \(block(right))

      """
  }
}
