import Diagnostics

extension DiagnosticKind {
  static let keyKinds: [DiagnosticKind] = [
    unknownKey, misplacedKey, missingKey, wrongType, unknownChoice, outOfRange, unsupported, wrongCount, badName,
    conflictingKeys,
  ]

  /// The smallest spec with one line replaced, or lines added.
  static func example(_ line: String, _ replacement: String) -> String {
    smallestSpec.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0 == line ? replacement : String($0) }.joined(separator: "\n")
  }

  static let unknownKey = DiagnosticKind(
    "F0201", "a key that the format does not have",
    explanation: """
      Every key of a spec has a meaning; a key that has none would be a setting that silently does nothing, so it is an
      error. Check the spelling: names of the same thing in other programs are recognized in the suggestion. `facet
      schema` prints all keys.
      """,
    wrong: .text(example("image: { size: 64 }", "image: { sise: 64 }")), right: smallestSpec)

  static let misplacedKey = DiagnosticKind(
    "F0202", "a key in the wrong section",
    explanation: """
      The key exists, but in another section; where it stands it would have no effect. Move it to the section that the
      message names. A wrong indentation is a common cause.
      """,
    wrong: .text(smallestSpec + "\ntraining: { learning_rate: 1e-4 }"),
    right: smallestSpec + "\ntraining: { tokenizer: { optimizer: { learning_rate: 1e-4 } } }")

  static let missingKey = DiagnosticKind(
    "F0203", "a required key is missing",
    explanation: """
      Settings that define the model (its image size, its channels, its codebooks) have no default: a spec must state
      them. Everything else may be left out.
      """,
    wrong: .text(example("    - { name: visual, size: 512 }", "    - { name: visual }")), right: smallestSpec)

  static let wrongType = DiagnosticKind(
    "F0204", "a value of the wrong type",
    explanation: """
      The key takes another type of value: a number where a text stands, a mapping where a list stands, or any value
      where nothing stands. Quoted digits are a text, not a number, and truth values are `true` and `false`.
      """,
    wrong: .text(example("image: { size: 64 }", "image: { size: \"64\" }")), right: smallestSpec)

  static let unknownChoice = DiagnosticKind(
    "F0205", "a word that is not one of the choices",
    explanation: "The key takes one of a few words, which the message lists.",
    wrong: .text(smallestSpec + "\nlosses: { reconstruction: { kind: l3 } }"),
    right: smallestSpec + "\nlosses: { reconstruction: { kind: l2 } }")

  static let outOfRange = DiagnosticKind(
    "F0206", "a number outside its range",
    explanation: """
      The number is too small or too large to mean anything for this key: counts are at least one, probabilities lie
      between 0 and 1, and moment decays are below 1.
      """,
    wrong: .text(example("    - { name: visual, size: 512 }", "    - { name: visual, size: 1 }")), right: smallestSpec)

  static let unsupported = DiagnosticKind(
    "F0207", "a feature that this version does not support",
    explanation: """
      The key belongs to a feature of the method that this version cannot compute. Accepting it would train something
      else than the spec says, so it is refused.
      """,
    wrong: .text(smallestSpec + "\nlosses: { adversarial: { start: 0.3, discriminator: { spectral_norm: true } } }"),
    right: smallestSpec + "\nlosses: { adversarial: { start: 0.3 } }")

  static let wrongCount = DiagnosticKind(
    "F0208", "a list of the wrong length",
    explanation: "The list has too few or too many values; the message says how many it takes.",
    wrong: .text(smallestSpec + "\ntraining: { tokenizer: { optimizer: { betas: [0.9] } } }"),
    right: smallestSpec + "\ntraining: { tokenizer: { optimizer: { betas: [0.9, 0.95] } } }")

  static let badName = DiagnosticKind(
    "F0209", "a name with characters that names cannot have",
    explanation: """
      Names of models become file names: letters, digits, `-`, `_` and `.`, starting with a letter or digit. Names of
      codebooks also become parts of dotted parameter names: letters, digits and `_`, starting with a letter.
      """,
    wrong: .text(example("name: tiny", "name: my model")), right: smallestSpec)

  static let conflictingKeys = DiagnosticKind(
    "F0210", "keys that exclude each other",
    explanation: "Two keys state the same thing in two ways, such as the length of a stage in epochs and in steps.",
    wrong: .text(smallestSpec + "\ntraining: { tokenizer: { epochs: 40, steps: 1000 } }"),
    right: smallestSpec + "\ntraining: { tokenizer: { steps: 1000 } }")
}
