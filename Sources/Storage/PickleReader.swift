/// A value of a pickle, as data: nothing named in the file is looked up or called.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case real(Double)
  case text(String)
  case tuple(PickleBox)
  case list(PickleBox)
  case dictionary(PickleBox)
  /// A name: module and attribute.
  case global(String)
  /// What a call would have made: the callable's name, the arguments and the state set afterwards.
  case object(name: String, PickleBox)
  /// A persistent identifier (a storage, in checkpoints).
  case persistent(PickleBox)
  case mark
}

/// A container that is filled after it is made, and may be referred to from several places, itself included.
final class PickleBox {
  var items: [PickleValue]
  var pairs: [(key: PickleValue, value: PickleValue)] = []

  init(_ items: [PickleValue] = []) { self.items = items }
}

/// Reads the subset of pickle that checkpoints use, without executing anything: a callable is kept as its name.
struct PickleReader {
  private var reader: ByteReader
  private let path: String
  private var stack: [PickleValue] = []
  private var memo: [Int: PickleValue] = [:]
  private var boxes: [PickleBox] = []

  private init(_ bytes: [UInt8], path: String) {
    reader = ByteReader(bytes, path: path)
    self.path = path
  }

  /// What `body` makes of the value of a pickle. Containers live as long as it runs.
  static func read<Result>(
    _ bytes: [UInt8], path: String, _ body: (PickleValue) throws -> Result
  ) throws -> Result {
    var reader = PickleReader(bytes, path: path)
    // Containers are emptied one after another: freeing a chain from its head would recurse as deep as the file nests,
    // and those that hold themselves would stay.
    defer {
      for box in reader.boxes { (box.items, box.pairs) = ([], []) }
    }
    return try body(try reader.run())
  }

  private mutating func box(_ items: [PickleValue] = []) -> PickleBox {
    let box = PickleBox(items)
    boxes.append(box)
    return box
  }

  private mutating func pop() throws -> PickleValue {
    guard let value = stack.popLast() else { throw TorchError(path, "the pickle takes more than it has") }
    return value
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let place = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else {
      throw TorchError(path, "the pickle lacks a mark")
    }
    defer { stack.removeSubrange(place...) }
    return Array(stack[(place + 1)...])
  }

  private mutating func run() throws -> PickleValue {
    while true {
      let code = try reader.byte()
      switch UnicodeScalar(code) {
      case "\u{80}": try reader.skip(1)
      case "\u{95}": try reader.skip(8)
      case ".": return try pop()
      case "(": stack.append(.mark)
      case "0": _ = try pop()
      case "1": _ = try popToMark()
      case "N": stack.append(.none)
      case "\u{88}": stack.append(.bool(true))
      case "\u{89}": stack.append(.bool(false))
      case "K": stack.append(.int(Int(try reader.byte())))
      case "M": stack.append(.int(try reader.integer(2)))
      case "J": stack.append(.int(Int(Int32(truncatingIfNeeded: try reader.integer(4)))))
      case "\u{8a}": stack.append(.int(try long(Int(try reader.byte()))))
      case "G":
        let bits = try reader.take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        stack.append(.real(Double(bitPattern: bits)))
      case "X": stack.append(.text(try reader.text(try reader.integer(4))))
      case "\u{8c}": stack.append(.text(try reader.text(Int(try reader.byte()))))
      case "\u{8d}": stack.append(.text(try reader.text(try reader.integer(8))))
      case "U": stack.append(.text(try reader.text(Int(try reader.byte()))))
      case "T", "B": stack.append(.text(try reader.text(try reader.integer(4))))
      case "C": stack.append(.text(try reader.text(Int(try reader.byte()))))
      case ")": stack.append(.tuple(box()))
      case "t": stack.append(.tuple(box(try popToMark())))
      case "\u{85}": stack.append(.tuple(box([try pop()])))
      case "\u{86}": try tuple(2)
      case "\u{87}": try tuple(3)
      case "]": stack.append(.list(box()))
      case "l": stack.append(.list(box(try popToMark())))
      case "}": stack.append(.dictionary(box()))
      case "d":
        let items = try popToMark()
        let filled = box()
        try fill(filled, items)
        stack.append(.dictionary(filled))
      case "\u{8f}": stack.append(.list(box()))
      case "a":
        let value = try pop()
        try container().items.append(value)
      case "e", "\u{90}":
        let values = try popToMark()
        try container().items += values
      case "s":
        let value = try pop()
        let key = try pop()
        try fill(container(), [key, value])
      case "u":
        let values = try popToMark()
        try fill(container(), values)
      case "c":
        let module = try reader.line()
        stack.append(.global(module + "." + (try reader.line())))
      case "\u{93}":
        let (name, module) = (try pop(), try pop())
        guard case .text(let attribute) = name, case .text(let package) = module else {
          throw TorchError(path, "the pickle names something that is no name")
        }
        stack.append(.global(package + "." + attribute))
      case "R", "\u{81}": try call(keywords: false)
      case "\u{92}": try call(keywords: true)
      case "b":
        let state = try pop()
        if case .object(_, let box)? = stack.last { box.pairs.append((.text("state"), state)) }
      case "Q":
        guard case .tuple(let identifier) = try pop() else {
          throw TorchError(path, "the pickle refers to something else than a storage")
        }
        stack.append(.persistent(identifier))
      case "q": try keep(Int(try reader.byte()))
      case "r": try keep(try reader.integer(4))
      case "\u{94}": try keep(memo.count)
      case "h": try recall(Int(try reader.byte()))
      case "j": try recall(try reader.integer(4))
      default: throw TorchError(path, "the pickle has the operation \(code), which no checkpoint needs")
      }
    }
  }

  private mutating func long(_ count: Int) throws -> Int {
    let bytes = try reader.take(count)
    guard count <= 8 else { throw TorchError(path, "the pickle has an integer of \(count) bytes") }
    var value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if let last = bytes.last, last >= 0x80, count < 8 { value |= ~UInt64(0) << UInt64(8 * count) }
    return Int(truncatingIfNeeded: value)
  }

  private mutating func tuple(_ count: Int) throws {
    guard stack.count >= count else { throw TorchError(path, "the pickle takes more than it has") }
    let items = Array(stack.suffix(count))
    stack.removeLast(count)
    stack.append(.tuple(box(items)))
  }

  private func container() throws -> PickleBox {
    switch stack.last {
    case .list(let box), .dictionary(let box), .object(_, let box): return box
    default: throw TorchError(path, "the pickle adds to something that is no container")
    }
  }

  private func fill(_ box: PickleBox, _ items: [PickleValue]) throws {
    guard items.count % 2 == 0 else { throw TorchError(path, "the pickle has a key without a value") }
    for index in stride(from: 0, to: items.count, by: 2) { box.pairs.append((items[index], items[index + 1])) }
  }

  /// Keeps what a call would have made by name, except for ordered dictionaries, which are dictionaries.
  private mutating func call(keywords: Bool) throws {
    if keywords { _ = try pop() }
    let arguments = try pop()
    guard case .global(let name) = try pop(), case .tuple(let tuple) = arguments else {
      throw TorchError(path, "the pickle calls something that is no name")
    }
    stack.append(
      name == "collections.OrderedDict" ? .dictionary(box()) : .object(name: name, box(tuple.items)))
  }

  private mutating func keep(_ place: Int) throws {
    guard let value = stack.last else { throw TorchError(path, "the pickle takes more than it has") }
    memo[place] = value
  }

  private mutating func recall(_ place: Int) throws {
    guard let value = memo[place] else { throw TorchError(path, "the pickle recalls what it never kept") }
    stack.append(value)
  }
}
