/// A text that diagnostics point into. Lines and columns count from 1; columns count Unicode scalars.
public final class SourceFile: Sendable {
  /// Name shown to the user, usually the path as it was given.
  public let name: String
  /// The whole text.
  public let text: String
  /// The text of each line, without its line ending.
  public let lines: [String]

  /// Creates a source from its text.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
    self.lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
  }

  /// A span of `length` scalars; positions outside the text are moved to its nearest position.
  public func span(line: Int, column: Int, length: Int = 1) -> SourceSpan {
    SourceSpan(source: self, line: max(1, line), column: max(1, column), length: max(0, length))
  }
}

/// A part of one line of a source.
public struct SourceSpan: Sendable, Equatable {
  /// The text that the span is in.
  public let source: SourceFile
  /// Line, from 1.
  public let line: Int
  /// First column, from 1, in Unicode scalars.
  public let column: Int
  /// Number of Unicode scalars; 0 marks a position between two of them, such as a missing value.
  public let length: Int

  /// Creates a span.
  public init(source: SourceFile, line: Int, column: Int, length: Int) {
    self.source = source
    self.line = line
    self.column = column
    self.length = length
  }

  /// Spans are equal when they cover the same place of files of the same name.
  public static func == (a: SourceSpan, b: SourceSpan) -> Bool {
    a.source.name == b.source.name && a.line == b.line && a.column == b.column && a.length == b.length
  }
}
