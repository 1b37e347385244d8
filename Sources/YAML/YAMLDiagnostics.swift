import Diagnostics

extension DiagnosticKind {
  /// All kinds that the YAML parser reports.
  public static let yamlKinds: [DiagnosticKind] = [yamlSyntax, yamlDuplicateKey, yamlUnsupported, yamlTooDeep]

  static let yamlSyntax = DiagnosticKind(
    "F0105", "the file is not YAML",
    explanation: """
      The file breaks the grammar of YAML, so nothing after the marked place can be understood. The most common causes
      are a missing bracket or colon, keys of one section that are indented differently, and tabs.
      """,
    wrong: .text(
      """
      name: tiny
      image: { size: 64
      tokenizer:
        encoder: { channels: 32, multipliers: [1, 2, 2, 4] }
        codebooks:
          - { name: visual, size: 512 }
      """),
    right: smallestSpec)

  static let yamlDuplicateKey = DiagnosticKind(
    "F0106", "a key is written twice",
    explanation: """
      A mapping holds each key once. Some YAML readers silently keep the last value; a spec with two values for one key
      is a mistake, so it is refused.
      """,
    wrong: .text(
      """
      name: tiny
      image: { size: 64, size: 128 }
      tokenizer:
        encoder: { channels: 32, multipliers: [1, 2, 2, 4] }
        codebooks:
          - { name: visual, size: 512 }
      """),
    right: smallestSpec)

  static let yamlUnsupported = DiagnosticKind(
    "F0107", "a part of YAML that specs do not use",
    explanation: """
      A spec is one document of mappings, lists, texts, numbers and booleans, with words as keys. Aliases (`*name`),
      tags (`!name`), keys that are lists or empty, and second documents are not supported: a reader of a spec should
      see each value at the place where it counts.
      """,
    wrong: .text(
      """
      name: tiny
      image: { size: &side 64 }
      tokenizer:
        encoder: { channels: *side, multipliers: [1, 2, 2, 4] }
        codebooks:
          - { name: visual, size: 512 }
      """),
    right: smallestSpec)

  static let yamlTooDeep = DiagnosticKind(
    "F0108", "collections are nested too deeply",
    explanation: """
      No part of a spec is nested more than six levels deep. A file with more than \(YAMLParser.deepest) levels is not a
      spec, and reading stops there.
      """,
    wrong: .described("name: [[[[[[[[ ... and so on") { Array("name: \(String(repeating: "[", count: 100))".utf8) },
    right: smallestSpec)

  /// What every example of a wrong or right spec is a variation of.
  public static let smallestSpec = """
    name: tiny
    image: { size: 64 }
    tokenizer:
      encoder: { channels: 32, multipliers: [1, 2, 2, 4] }
      codebooks:
        - { name: visual, size: 512 }
    """
}
