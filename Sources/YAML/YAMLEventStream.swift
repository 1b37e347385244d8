import CYAML
import Diagnostics

/// A position as libyaml counts: from 0, columns in Unicode scalars.
struct YAMLMark {
  let line: Int
  let column: Int

  init(_ mark: yaml_mark_t) {
    line = Int(mark.line)
    column = Int(mark.column)
  }
}

/// An event of libyaml's parser, with its data copied out.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias(String)
    case scalar(YAMLScalar)
    case sequenceStart(isFlow: Bool), sequenceEnd
    case mappingStart(isFlow: Bool), mappingEnd
  }

  let kind: Kind
  let tag: String?
  let start: YAMLMark
  let end: YAMLMark
}

/// Owns a libyaml parser over the bytes of a source.
final class YAMLEventStream {
  private let source: SourceFile
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// Nil when libyaml cannot allocate its buffers.
  init?(_ source: SourceFile) {
    self.source = source
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) != 0 else {
      parser.deallocate()
      return nil
    }
    let utf8 = Array(source.text.utf8)
    bytes = .allocate(capacity: max(1, utf8.count))
    _ = bytes.initialize(from: utf8)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    // libyaml reads from these bytes while it parses, so they live as long as the parser.
    yaml_parser_set_input_string(parser, bytes.baseAddress, utf8.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  func next() throws(Diagnostic) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) != 0 else { throw syntaxError() }
    defer { yaml_event_delete(&event) }
    let start = YAMLMark(event.start_mark)
    let end = YAMLMark(event.end_mark)
    func made(_ kind: YAMLEvent.Kind, tag: UnsafeMutablePointer<UInt8>? = nil) -> YAMLEvent {
      YAMLEvent(kind: kind, tag: tag.map { String(cString: $0) }, start: start, end: end)
    }
    switch event.type {
    case YAML_STREAM_START_EVENT: return made(.streamStart)
    case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
    case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
    case YAML_ALIAS_EVENT: return made(.alias(event.data.alias.anchor.map { String(cString: $0) } ?? ""))
    case YAML_SCALAR_EVENT:
      let data = event.data.scalar
      let text = data.value.map { String(decoding: UnsafeBufferPointer(start: $0, count: data.length), as: UTF8.self) }
      let scalar = YAMLScalar(text: text ?? "", isPlain: data.style == YAML_PLAIN_SCALAR_STYLE)
      return made(.scalar(scalar), tag: data.tag)
    case YAML_SEQUENCE_START_EVENT:
      let data = event.data.sequence_start
      return made(.sequenceStart(isFlow: data.style == YAML_FLOW_SEQUENCE_STYLE), tag: data.tag)
    case YAML_SEQUENCE_END_EVENT: return made(.sequenceEnd)
    case YAML_MAPPING_START_EVENT:
      let data = event.data.mapping_start
      return made(.mappingStart(isFlow: data.style == YAML_FLOW_MAPPING_STYLE), tag: data.tag)
    case YAML_MAPPING_END_EVENT: return made(.mappingEnd)
    default: return made(.streamEnd)
    }
  }

  private func syntaxError() -> Diagnostic {
    let state = parser.pointee
    guard let problem = state.problem.map({ String(cString: $0) }) else {
      return Diagnostic(.yamlSyntax, "the YAML parser ran out of memory", at: nil)
    }
    let place = source.place(YAMLMark(state.problem_mark))
    var also: [Diagnostic.Label] = []
    if let context = state.context.map({ String(cString: $0) }) {
      let begin = source.place(YAMLMark(state.context_mark))
      if begin != place { also.append(.init(begin, context)) }
    }
    let line = place.line <= source.lines.count ? source.lines[place.line - 1] : ""
    return Diagnostic(
      .yamlSyntax, "this is not YAML: \(problem)", at: .init(place), also: also,
      help: [YAMLSyntaxHelp.advice(for: problem, line: line)].compactMap { $0 })
  }
}

extension SourceFile {
  /// From one mark to another on the same line, or to the end of the first line.
  func span(from start: YAMLMark, to end: YAMLMark) -> SourceSpan {
    guard start.line < lines.count else { return place(start) }
    if end.line == start.line {
      return span(line: start.line + 1, column: start.column + 1, length: end.column - start.column)
    }
    var line = Array(lines[start.line].unicodeScalars)
    while let last = line.last, last == " " || last == "\t" { line.removeLast() }
    return span(line: start.line + 1, column: start.column + 1, length: line.count - start.column)
  }

  /// The place of a mark; a mark after the last line is moved to the end of the last line that has text.
  func place(_ mark: YAMLMark) -> SourceSpan {
    let isInside = mark.line < lines.count && !(mark.line == lines.count - 1 && lines[mark.line].isEmpty)
    if isInside { return span(line: mark.line + 1, column: mark.column + 1) }
    let last = lines.lastIndex { !$0.isEmpty } ?? 0
    return span(line: last + 1, column: (last < lines.count ? lines[last].unicodeScalars.count : 0) + 1)
  }
}
