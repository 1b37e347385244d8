import Foundation
import Testing

/// Whatever is wrong with the input, a message names it and the exit code tells whose fault it is; nothing crashes.
struct BadInputTests {
  private func expect(
    _ result: Facet.Result, _ status: Int32, _ words: String..., location: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == status, "\(result.errors)", sourceLocation: location)
    for word in words { #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: location) }
  }

  @Test func commandLines() throws {
    let shop = try Workshop()
    let facet = shop.facet
    expect(try facet("fly"), 2, "fly")
    expect(try facet("train", "tiny.yaml"), 2, "--run")
    expect(try facet("train", "tiny.yaml", "--run", "run", "--steps", "0"), 2, "--steps is at least 1")
    expect(try facet("train", "tiny.yaml", "--run", "run", "--stage", "both"), 2, "both")
    expect(try facet("check", "nowhere.yaml"), 2, "F0101", "nowhere.yaml")
    expect(try facet("graph", "tiny.yaml", "--program", "x"), 2, "tokenizer.encode")
    expect(try facet("reconstruct", "run", "images", "-o", "out"), 2, "run is not a run", "no such folder")
    expect(try facet("reconstruct", "images", "images", "-o", "out"), 2, "images is not a run", "spec.yaml")
    expect(try facet("generate", "tiny.yaml", "--random-weights", "--class", "grey", "-o", "out"), 2, "dark, light")
    expect(try facet("generate", "tiny.yaml", "--random-weights", "--top-p", "2", "-o", "out"), 2, "--top-p")
    expect(try facet("generate", "tiny.yaml", "--random-weights", "--count", "0", "-o", "out"), 2, "--count")
  }

  @Test(arguments: ["two", "", "0", "-1", "1000000"]) func numbersOfThreads(_ text: String) throws {
    let shop = try Workshop()
    expect(
      try shop.facet.run(["check", "tiny.yaml"], environment: ["FACET_THREADS": text]), 2, "FACET_THREADS=\(text):",
      "from 1 to 1024")
  }

  @Test func filesAndFolders() throws {
    let shop = try Workshop()
    let facet = shop.facet
    let random = "--random-weights"
    try shop.write("no picture", "broken.png")
    try shop.write("x", "file")
    expect(
      try facet("reconstruct", "tiny.yaml", random, "broken.png", "images/dark/0.png", "-o", "out"), 1, "broken.png",
      "1 of 2 pictures")
    #expect(shop.exists("out/0.png"))
    expect(try facet("reconstruct", "tiny.yaml", random, "missing.png", "-o", "out"), 2, "missing.png")
    expect(try facet("reconstruct", "tiny.yaml", random, "images", "-o", "file/out"), 1, "file/out")
    expect(try facet("evaluate", "tiny.yaml", random, "--data", "nowhere"), 1, "nowhere")
    expect(try facet("tokenize", "tiny.yaml", random, "images", "-o", "nowhere/codes"), 1, "nowhere/codes")
    expect(try facet("detokenize", "tiny.yaml", random, "broken.png", "-o", "out"), 1, "broken.png")
    expect(try facet("graph", "tiny.yaml", "-o", "nowhere/graph.svg"), 1, "nowhere/graph.svg")
    expect(try facet("train", "tiny.yaml", "--run", "file"), 1, "file")
  }

  @Test func runs() throws {
    let shop = try Workshop()
    let facet = shop.facet
    try shop.train()
    let name = try #require(try shop.names("run/checkpoints").first { $0.hasPrefix("tokenizer") })
    let checkpoint = URL(fileURLWithPath: "\(shop.path)/run/checkpoints/\(name)")
    let sound = try Data(contentsOf: checkpoint)
    try sound.prefix(sound.count / 2).write(to: checkpoint)
    expect(try facet("evaluate", "run"), 1, name)
    try Data("{}".utf8).write(to: checkpoint)
    expect(try facet("generate", "run", "-o", "out"), 1, name)
    try FileManager.default.removeItem(at: checkpoint)
    expect(try facet("evaluate", "run"), 1, "no tokenizer checkpoint")
    try shop.write("facet: 1\n", "run/spec.yaml")
    expect(try facet("evaluate", "run"), 2, "run/spec.yaml")
  }

  /// A model for which no machine has the memory is refused with the number.
  @Test func memory() throws {
    let shop = try Workshop()
    let huge = Workshop.spec.replacing("batch: 4, steps: 3 }", with: "batch: 65536, steps: 3 }")
      .replacing("size: 16 }\ntokenizer", with: "size: 256 }\ntokenizer")
    try shop.write(huge, "huge.yaml")
    expect(try shop.facet("train", "huge.yaml", "--run", "run"), 1, "tokenizer.train needs", "TiB", "are free")
    #expect(try shop.facet("compile", "huge.yaml").status == 0)
  }

  @Test func picturesOfTheDataAreSkippedOrFatalAsTheSpecSays() throws {
    let shop = try Workshop()
    try shop.write("no picture", "images/dark/1.png")
    let skipping = try shop.facet("train", "tiny.yaml", "--run", "run", "--stage", "tokenizer")
    expect(skipping, 0, "images/dark/1.png")
    #expect(skipping.output.contains("7 of 8 pictures"))
    try shop.write(Workshop.spec.replacing("on_error: skip", with: "on_error: fail"), "strict.yaml")
    expect(try shop.facet("train", "strict.yaml", "--run", "strict"), 1, "images/dark/1.png")
  }
}
