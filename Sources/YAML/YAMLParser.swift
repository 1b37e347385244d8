import CYAML
import Diagnostics

/// Reads a YAML document into a tree of nodes with places. Only syntax is judged here: a subset of YAML 1.2 with one
/// document, text keys and no aliases or tags. Nothing in a document can make it trap or recurse without bound.
public struct YAMLParser {
  /// Collections nested deeper than this are an error.
  public static let deepest = 32

  private let source: SourceFile
  private var events: YAMLEventStream
  private var diagnostics: [Diagnostic] = []

  /// The document's root and what is wrong with it. The root is nil when the syntax is broken or there is no document;
  /// duplicate keys and unsupported features are reported and left out of the tree.
  public static func parse(_ source: SourceFile) -> (root: YAMLNode?, diagnostics: [Diagnostic]) {
    if let refused = YAMLCharacters.firstProblem(in: source) { return (nil, [refused]) }
    guard let events = YAMLEventStream(source) else { return (nil, []) }
    var parser = YAMLParser(source: source, events: events)
    do {
      let root = try parser.document()
      return (root, parser.diagnostics)
    } catch {
      return (nil, parser.diagnostics + [error])
    }
  }

  private init(source: SourceFile, events: YAMLEventStream) {
    self.source = source
    self.events = events
  }

  private mutating func document() throws(Diagnostic) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try events.next()
      switch event.kind {
      case .documentStart where root != nil:
        diagnostics.append(
          Diagnostic(
            .yamlUnsupported, "a spec is one YAML document, and here a second one starts",
            at: .init(source.span(from: event.start, to: event.end)), help: ["remove it, or put it into its own file"]))
        return root
      case .streamStart, .documentStart, .documentEnd: continue
      case .streamEnd: return root
      default: root = try node(event, depth: 0).node
      }
    }
  }

  /// A node and where its text ends.
  private typealias Placed = (node: YAMLNode, end: YAMLMark)

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(Diagnostic) -> Placed {
    if case .alias(let name) = event.kind { return unsupported(event, "the alias \(Diagnostic.quote("*" + name))") }
    if let tag = event.tag {
      let placed = unsupported(event, "the tag \(Diagnostic.quote(tag))")
      if case .scalar = event.kind { return placed }
    }
    guard depth < Self.deepest else {
      throw Diagnostic(
        .yamlTooDeep, "more than \(Self.deepest) collections are nested here",
        at: .init(source.span(from: event.start, to: event.end)))
    }
    switch event.kind {
    case .scalar(let scalar):
      return (YAMLNode(.scalar(scalar), at: source.span(from: event.start, to: event.end)), event.end)
    case .sequenceStart(let isFlow): return try sequence(from: event, isFlow, depth)
    case .mappingStart(let isFlow): return try mapping(from: event, isFlow, depth)
    default: return (YAMLNode(.invalid, at: source.span(from: event.start, to: event.end)), event.end)
    }
  }

  private mutating func sequence(from start: YAMLEvent, _ isFlow: Bool, _ depth: Int) throws(Diagnostic) -> Placed {
    var items: [YAMLNode] = []
    var end = start.end
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind {
        if isFlow { end = event.end }
        return (YAMLNode(.sequence(items), at: source.span(from: start.start, to: end)), end)
      }
      let item = try node(event, depth: depth + 1)
      items.append(item.node)
      end = item.end
    }
  }

  private mutating func mapping(from start: YAMLEvent, _ isFlow: Bool, _ depth: Int) throws(Diagnostic) -> Placed {
    var entries: [YAMLEntry] = []
    var places: [String: SourceSpan] = [:]
    var end = start.end
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind {
        if isFlow { end = event.end }
        return (YAMLNode(.mapping(entries), at: source.span(from: start.start, to: end)), end)
      }
      let key = try node(event, depth: depth + 1)
      let value = try node(try events.next(), depth: depth + 1)
      end = value.end
      guard case .scalar(let scalar) = key.node.content, scalar.value != .null else {
        if case .invalid = key.node.content { continue }
        diagnostics.append(Diagnostic(.yamlUnsupported, "a key must be a word", at: .init(key.node.span)))
        continue
      }
      if let first = places[scalar.text] {
        diagnostics.append(
          Diagnostic(
            .yamlDuplicateKey, "the key \(Diagnostic.quote(scalar.text)) is written twice",
            at: .init(key.node.span, "written again"), also: [.init(first, "written first")],
            help: ["keep one of the two"]))
        continue
      }
      places[scalar.text] = key.node.span
      entries.append(YAMLEntry(key: scalar.text, keySpan: key.node.span, value: value.node))
    }
  }

  private mutating func unsupported(_ event: YAMLEvent, _ what: String) -> Placed {
    let span = source.span(from: event.start, to: event.end)
    diagnostics.append(
      Diagnostic(
        .yamlUnsupported, "\(what) is not supported in a spec", at: .init(span),
        help: ["write the value itself"]))
    return (YAMLNode(.invalid, at: span), event.end)
  }
}
