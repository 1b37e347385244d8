import Diagnostics
import Foundation
import Spec
import Testing

/// The rendered message of every code, word for word, in `Messages/`. `RECORD_SNAPSHOTS=1` writes the files anew, and
/// fails, so that nobody takes new words without reading them.
struct MessageTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Messages")

  /// What a kind's wrong example gives, under the name `wrong.yaml`.
  private func message(_ kind: DiagnosticKind) throws -> String {
    let (_, diagnostics, folder) = try kind.readWrongExample()
    return TextRenderer().render(diagnostics).replacingOccurrences(of: folder + "/", with: "")
  }

  @Test(arguments: SpecCatalogue.kinds.map(\.code))
  func messageIsAsKept(code: String) throws {
    let kind = try #require(SpecCatalogue.kind(code: code))
    let found = try message(kind)
    let file = Self.folder.appendingPathComponent("\(code).txt")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try Data(found.utf8).write(to: file)
      Issue.record("\(file.path) was written; read it, then run the tests again")
      return
    }
    #expect(try found == String(contentsOf: file, encoding: .utf8))
  }

  @Test func noMessageIsLeftOver() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(files.sorted() == SpecCatalogue.kinds.map { "\($0.code).txt" }.sorted())
  }
}
