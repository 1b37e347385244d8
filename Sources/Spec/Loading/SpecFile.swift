import Diagnostics
import Foundation

/// Reads the text of a spec file, or says why it cannot be one.
enum SpecFile {
  /// Bytes; a spec has a few thousand.
  static let largest = 1 << 20

  static func read(path: String) throws(Diagnostic) -> String {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw unreadable(path, "it is a folder")
    }
    guard let file = fopen(path, "rb") else { throw unreadable(path, String(cString: strerror(errno)).lowercased()) }
    defer { fclose(file) }
    // One byte more than allowed tells a file that is too large from one that just fits; devices without end stop there.
    var bytes = [UInt8](repeating: 0, count: largest + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw unreadable(path, String(cString: strerror(errno)).lowercased()) }
    guard count <= largest else { throw tooLarge(path) }
    var content = bytes[..<count]
    if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
    return try text(of: content, path)
  }

  private static func text(of bytes: ArraySlice<UInt8>, _ path: String) throws(Diagnostic) -> String {
    if bytes.contains(0) {
      throw Diagnostic(
        .notText, "\(Diagnostic.quote(path)) is not a text file: it contains zero bytes", at: nil,
        help: ["if it is a text in UTF-16, save it as UTF-8"])
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    // The longest valid beginning tells the place.
    let good = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
    let source = SourceFile(name: path, text: String(decoding: bytes, as: UTF8.self))
    let line = good.count(where: \.isNewline) + 1
    let column = good.reversed().prefix { !$0.isNewline }.reduce(0) { $0 + $1.unicodeScalars.count } + 1
    throw Diagnostic(
      .notText, "\(Diagnostic.quote(path)) is not UTF-8 text", at: .init(source.span(line: line, column: column)),
      help: ["save the file as UTF-8"])
  }

  private static func unreadable(_ path: String, _ reason: String) -> Diagnostic {
    Diagnostic(.unreadable, "cannot read \(Diagnostic.quote(path)): \(reason)", at: nil)
  }

  static func tooLarge(_ path: String) -> Diagnostic {
    Diagnostic(
      .tooLarge, "\(Diagnostic.quote(path)) is larger than \(largest) bytes, so it cannot be a spec", at: nil)
  }
}
