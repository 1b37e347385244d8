import Diagnostics

extension DiagnosticKind {
  static let fileKinds: [DiagnosticKind] = [unreadable, notText, emptyFile, tooLarge]

  static let unreadable = DiagnosticKind(
    "F0101", "the file cannot be read",
    explanation: """
      There is no file at the path, it is a folder, or its permissions forbid reading. Relative paths start at the
      current folder.
      """,
    wrong: .described("facet check no-such-file.yaml", bytes: { nil }), right: smallestSpec)

  static let notText = DiagnosticKind(
    "F0102", "the file is not UTF-8 text",
    explanation: """
      A spec is a text in UTF-8. Pictures, checkpoints, archives and texts in other encodings (UTF-16, Latin-1) are
      refused at the first byte that does not fit.
      """,
    wrong: .described("name: caf\\xE9   (Latin-1)", bytes: { Array("name: caf".utf8) + [0xE9, 0x0A] }),
    right: smallestSpec)

  static let emptyFile = DiagnosticKind(
    "F0103", "the file is empty",
    explanation: "The file has no content besides comments and white space. `facet init` writes a spec to start from.",
    wrong: .text("# nothing but a comment"), right: smallestSpec)

  static let tooLarge = DiagnosticKind(
    "F0104", "the file is too large for a spec",
    explanation: "A spec has a few thousand bytes. A file of more than a mebibyte is something else, and is not read.",
    wrong: .described("a file of 2 MiB", bytes: { [UInt8](repeating: 0x23, count: 2 << 20) }), right: smallestSpec)
}
