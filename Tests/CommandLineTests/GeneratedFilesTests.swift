import FacetCLI
import Foundation
import Spec
import Testing

/// The checked-in output of the compiler.
@Suite struct GeneratedFilesTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL

  private static func names(_ folder: String, _ suffix: String) -> [String] {
    let path = root.appendingPathComponent(folder).path
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().filter { $0.hasSuffix(suffix) }
  }

  private static func content(_ path: String) -> String? {
    try? String(contentsOf: root.appendingPathComponent("generated/\(path)"), encoding: .utf8)
  }

  /// `facet compile specs/*.yaml --write-generated generated` brings them up to date.
  @Test(arguments: names("specs", ".yaml")) func areFresh(_ name: String) throws {
    let spec = try #require(SpecLoader.load(path: Self.root.appendingPathComponent("specs/\(name)").path).spec)
    let files = try GeneratedFiles.files(spec)
    for file in files {
      #expect(
        Self.content(file.path) == file.contents,
        "generated/\(file.path) is stale: facet compile specs/*.yaml --write-generated generated")
    }
    let folder = Self.root.appendingPathComponent("generated/\(spec.name)").path
    let found = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    #expect(found == files.map { String($0.path.split(separator: "/").last ?? "") }.sorted())
  }

  @Test func theSchemaIsFresh() { #expect(Self.content(GeneratedFiles.schema.path) == GeneratedFiles.schema.contents) }
}
