import Diagnostics
import Foundation
import Spec
import TestSupport
import Testing

/// The examples of `facet explain` are tests: the wrong one has exactly its problem, the right one has none.
struct CatalogueTests {
  @Test(arguments: SpecCatalogue.kinds.map(\.code))
  func wrongExampleHasItsProblemOnly(code: String) throws {
    let kind = try #require(SpecCatalogue.kind(code: code))
    let (spec, diagnostics, _) = try kind.readWrongExample()
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

extension DiagnosticKind {
  /// What reading the wrong example gives, and the folder in which it was called `wrong.yaml`.
  func readWrongExample() throws -> (spec: ModelSpec?, diagnostics: [Diagnostic], folder: String) {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) {
      if let bytes = wrong.bytes() { try folder.write(bytes, "wrong.yaml") }
      let (spec, diagnostics) = SpecLoader.load(path: folder.file("wrong.yaml"))
      return (spec, diagnostics, folder.path)
    }
  }
}
