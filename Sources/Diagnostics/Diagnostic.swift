/// One problem found in the user's input, as a value: renderers decide how it looks.
public struct Diagnostic: Sendable, Equatable, Error {
  /// How bad it is.
  public enum Severity: String, Sendable, CaseIterable {
    /// The input cannot be used.
    case error
    /// The input can be used, but part of it has no effect or is probably a mistake.
    case warning
  }

  /// A place and what is to be said about it.
  public struct Label: Sendable, Equatable {
    /// The place.
    public let span: SourceSpan
    /// Said beside the underline; may be empty.
    public let text: String

    /// Creates a label.
    public init(_ span: SourceSpan, _ text: String = "") {
      self.span = span
      self.text = text
    }
  }

  /// Stable code, such as `F0301`; `facet explain` prints its catalogue entry.
  public let code: String
  /// How bad it is.
  public let severity: Severity
  /// What is wrong, in one sentence without a final stop.
  public let message: String
  /// Where it is wrong; nil when the problem has no place, such as a file that does not exist.
  public let primary: Label?
  /// Other places that take part in the problem.
  public let secondary: [Label]
  /// Why it is wrong.
  public let notes: [String]
  /// What to write instead, in words.
  public let help: [String]
  /// What to write instead, as edits.
  public let fixIts: [FixIt]

  /// Creates a diagnostic of a catalogued kind.
  public init(
    _ kind: DiagnosticKind,
    _ message: String,
    at primary: Label?,
    also secondary: [Label] = [],
    notes: [String] = [],
    help: [String] = [],
    fixIts: [FixIt] = []
  ) {
    self.code = kind.code
    self.severity = kind.severity
    self.message = message
    self.primary = primary
    self.secondary = secondary
    self.notes = notes
    self.help = help
    self.fixIts = fixIts
  }
}

/// An edit that would remove a problem.
public struct FixIt: Sendable, Equatable {
  /// How sure it is that the edit is what the user meant.
  public enum Applicability: String, Sendable {
    /// The edit keeps the meaning that the user clearly had; it may be applied without asking.
    case safe
    /// The edit is a guess.
    case suggestion
  }

  /// What the edit does.
  public let message: String
  /// The text to replace; a span of length 0 inserts.
  public let span: SourceSpan
  /// What to put there.
  public let replacement: String
  /// How sure it is that the edit is what the user meant.
  public let applicability: Applicability

  /// Creates an edit.
  public init(_ message: String, replace span: SourceSpan, with replacement: String, _ applicability: Applicability) {
    self.message = message
    self.span = span
    self.replacement = replacement
    self.applicability = applicability
  }
}

extension Diagnostic {
  /// Orders diagnostics as their places stand in the text; those without a place come first.
  public static func inSourceOrder(_ a: Diagnostic, _ b: Diagnostic) -> Bool {
    guard let first = a.primary?.span, let second = b.primary?.span else { return a.primary == nil && b.primary != nil }
    return (first.line, first.column, a.code) < (second.line, second.column, b.code)
  }

  /// User text for use in a message: in backquotes, without control characters, cut when it is long.
  public static func quote(_ text: String) -> String {
    let limit = 60
    let shown = text.count > limit ? String(text.prefix(limit)) + "..." : text
    return "`\(printable(shown))`"
  }

  /// Text without characters that would act on a terminal.
  static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .format: result.append(scalar == "\t" ? " " : "\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}

extension Sequence<Diagnostic> {
  /// Whether any of the diagnostics is an error.
  public var hasErrors: Bool { contains { $0.severity == .error } }
}
