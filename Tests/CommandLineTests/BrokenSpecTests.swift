import Foundation
import Testing

/// `facet check` on every spec in BrokenSpecs, against the text kept beside it: each error located, explained, and with
/// what to write instead. `FACET_RECORD=1` rewrites the texts and fails, so that nobody records unseen.
struct BrokenSpecTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("BrokenSpecs")

  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()

  @Test func thereAreTen() { #expect(Self.names.count >= 10) }

  @Test(arguments: names) func isExplained(name: String) throws {
    let result = try Facet(folder: Self.folder.path)("check", "\(name).yaml")
    #expect(result.status == 2)
    #expect(result.output == "")
    let golden = Self.folder.appendingPathComponent("\(name).txt")
    if ProcessInfo.processInfo.environment["FACET_RECORD"] == "1" {
      try Data(result.errors.utf8).write(to: golden)
      Issue.record("recorded \(golden.lastPathComponent)")
    }
    #expect(result.errors == (try? String(contentsOf: golden, encoding: .utf8)))
    #expect(result.errors.contains("--> \(name).yaml:"))
  }
}
