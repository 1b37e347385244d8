import Diagnostics
import Foundation
import Spec
import Testing

/// The specs in `specs/` are read without any complaint and say what their names promise.
struct ShippedSpecTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("specs")

  static func load(_ name: String) throws -> ModelSpec {
    let (spec, diagnostics) = SpecLoader.load(path: folder.appendingPathComponent("\(name).yaml").path)
    #expect(TextRenderer().render(diagnostics) == "")
    return try #require(spec)
  }

  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }

  @Test(arguments: names)
  func isSoundAndRoundTrips(name: String) throws {
    let spec = try Self.load(name)
    #expect(spec.name == name)
    let printed = SpecPrinter.yaml(spec)
    let again = SpecLoader.load(text: printed, file: "/elsewhere/resolved.yaml")
    #expect(TextRenderer().render(again.diagnostics) == "")
    #expect(again.spec == spec)
    #expect(again.spec.map(SpecPrinter.yaml) == printed)
  }

  @Test(arguments: [("dual", 16), ("dual", 8), ("triple", 16), ("triple", 8)])
  func paperTokenizers(kind: String, downsample: Int) throws {
    let spec = try Self.load("fqgan-\(kind)-f\(downsample)")
    #expect(spec.downsample == downsample)
    #expect(spec.grid == 256 / downsample)
    #expect(spec.tokens == (256 / downsample) * (256 / downsample))
    #expect(spec.tokenizer.codebooks.count == (kind == "dual" ? 2 : 3))
    #expect(spec.tokenizer.codebooks.allSatisfy { $0.size == 16384 && $0.dim == 8 })
    #expect(spec.tokenizer.encoder.featureWidth == 512)
    #expect(spec.sampling.guidance == (kind == "dual" ? 2 : 1.75))
  }

  @Test(arguments: [("far-b", [24, 1024, 16, 3]), ("far-l", [36, 1280, 20, 4])])
  func paperGenerators(name: String, sizes: [Int]) throws {
    let spec = try Self.load(name)
    let generator = try #require(spec.generator)
    #expect([generator.layers, generator.width, generator.heads, generator.headLayers] == sizes)
    #expect(generator.classes == 1000)
    #expect(spec.tokenizer.codebooks.map(\.name) == ["visual", "semantic"])
    #expect(spec.training.generator.stage == .generatorDefault)
  }

  @Test func allAreFound() {
    #expect(Self.names.count >= 7)
  }

  @Test func quickstartReadsItsDataBesideItself() throws {
    let spec = try Self.load("quickstart")
    #expect(spec.data?.path == Self.folder.appendingPathComponent("data/clipart64").standardizedFileURL.path)
    #expect(spec.generator?.classes == nil)
  }
}
