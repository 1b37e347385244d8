import Diagnostics
import Foundation
import Spec
import Testing

/// The examples of `facet explain` are tests: the wrong one has exactly its problem, the right one has none.
struct CatalogueTests {
  @Test(arguments: SpecCatalogue.kinds.map(\.code))
  func wrongExampleHasItsProblemOnly(code: String) throws {
    let kind = try #require(SpecCatalogue.kind(code: code))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("facet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("wrong.yaml")
    if let bytes = kind.wrong.bytes() { try Data(bytes).write(to: file) }

    let (spec, diagnostics) = SpecLoader.load(path: file.path)
    #expect(diagnostics.map(\.code) == [code])
    #expect(diagnostics.map(\.severity) == [kind.severity])
    #expect((spec == nil) == (kind.severity == .error))
  }

  @Test(arguments: SpecCatalogue.kinds.map(\.code))
  func rightExampleIsRight(code: String) throws {
    let kind = try #require(SpecCatalogue.kind(code: code))
    let (spec, diagnostics) = SpecLoader.load(text: kind.right, file: "right.yaml")
    #expect(diagnostics == [])
    #expect(spec != nil)
  }

  @Test func codesAreUniqueAndWellFormed() {
    let codes = SpecCatalogue.kinds.map(\.code)
    #expect(Set(codes).count == codes.count)
    #expect(codes.allSatisfy { $0.wholeMatch(of: /F\d{4}/) != nil })
  }

  @Test func pagesShowBothExamples() throws {
    let page = try #require(SpecCatalogue.kind(code: "f0301")).page
    #expect(page.hasPrefix("# F0301: the image size is not a multiple of the downsampling\n"))
    #expect(page.contains("    image: { size: 60 }\n"))
    #expect(page.contains("    image: { size: 64 }\n"))
    #expect(SpecCatalogue.kind(code: "F9999") == nil)
  }
}
