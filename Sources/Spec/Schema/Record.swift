import YAML

/// Declares how a mapping of a spec file becomes a `Value`. The declaration is read by the parser, the printers, the
/// search for misplaced keys, the JSON Schema and the reference manual; nothing about a key is said anywhere else.
struct Record<Value: Sendable>: Sendable {
  let summary: String
  /// Holds the defaults. Required properties hold anything: they are always read.
  let prototype: Value
  let fields: [Field<Value>]
  let reserved: [String: String]
  let exclusive: [String]

  init(
    _ summary: String, prototype: Value, reserved: [String: String] = [:], exclusive: [String] = [],
    fields: [Field<Value>]
  ) {
    self.summary = summary
    self.prototype = prototype
    self.fields = fields
    self.reserved = reserved
    self.exclusive = exclusive
  }

  var shape: RecordShape {
    RecordShape(
      summary: summary, fields: fields.map { $0.shape(prototype) }, reserved: reserved, exclusive: exclusive)
  }

  /// All keys with their values, in the order of the declaration.
  func write(_ value: Value) -> SpecValue {
    .record(fields.compactMap { field in field.write(value).map { (field.key, $0) } })
  }

  var rule: ValueRule<Value> {
    ValueRule(
      shape: .record(shape), read: { node, initial, reader in read(node, initial ?? prototype, reader) }, write: write)
  }

  private func read(_ node: YAMLNode, _ initial: Value, _ reader: SpecReader) -> Value? {
    guard let entries = reader.entries(node, shape) else { return nil }
    var value = initial
    for field in fields {
      if let entry = entries[field.key] {
        reader.enter(entry, isRequired: field.isRequired) { field.read(entry.value, &value, reader) }
      }
    }
    return value
  }
}

/// Declares one key of a `Record`.
struct Field<Owner: Sendable>: Sendable {
  let key: String
  let isRequired: Bool
  let read: @Sendable (YAMLNode, inout Owner, SpecReader) -> Void
  let write: @Sendable (Owner) -> SpecValue?
  let shape: @Sendable (_ prototype: Owner) -> FieldShape

  /// A key with a default (the prototype's value), or a required one when an example is given.
  init<Value>(
    _ key: String, _ path: any WritableKeyPath<Owner, Value> & Sendable, _ rule: ValueRule<Value>,
    required example: String? = nil, synonyms: [String] = [], _ summary: String
  ) {
    self.key = key
    isRequired = example != nil
    read = { node, owner, reader in
      if let value = rule.read(node, owner[keyPath: path], reader) { owner[keyPath: path] = value }
    }
    write = { rule.write($0[keyPath: path]) }
    shape = { prototype in
      let presence = example.map(FieldShape.Presence.required) ?? .defaulted(rule.write(prototype[keyPath: path]))
      return FieldShape(key: key, summary: summary, synonyms: synonyms, presence: presence, shape: rule.shape)
    }
  }

  /// A key that may be left out.
  init<Value>(
    _ key: String, optional path: any WritableKeyPath<Owner, Value?> & Sendable, _ rule: ValueRule<Value>,
    absent: String, synonyms: [String] = [], _ summary: String
  ) {
    self.key = key
    isRequired = false
    read = { node, owner, reader in
      if let value = rule.read(node, owner[keyPath: path], reader) { owner[keyPath: path] = value }
    }
    write = { $0[keyPath: path].map(rule.write) }
    shape = { prototype in
      let standard = prototype[keyPath: path].map { FieldShape.Presence.defaulted(rule.write($0)) }
      return FieldShape(
        key: key, summary: summary, synonyms: synonyms, presence: standard ?? .optional(absent), shape: rule.shape)
    }
  }

  /// The same key, declared for a part of a larger value.
  func lifted<Whole>(through part: any WritableKeyPath<Whole, Owner> & Sendable) -> Field<Whole> {
    Field<Whole>(
      key: key, isRequired: isRequired, read: { node, whole, reader in read(node, &whole[keyPath: part], reader) },
      write: { write($0[keyPath: part]) }, shape: { shape($0[keyPath: part]) })
  }

  private init(
    key: String, isRequired: Bool, read: @escaping @Sendable (YAMLNode, inout Owner, SpecReader) -> Void,
    write: @escaping @Sendable (Owner) -> SpecValue?, shape: @escaping @Sendable (Owner) -> FieldShape
  ) {
    self.key = key
    self.isRequired = isRequired
    self.read = read
    self.write = write
    self.shape = shape
  }
}
