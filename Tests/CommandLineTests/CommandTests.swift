import Foundation
import FoundationXML
import Imaging
import Testing

/// Every command, as a user calls it, on a model that trains in a moment.
struct CommandTests {
  @Test func trainThenEverythingElse() throws {
    let shop = try Workshop()
    let facet = shop.facet
    let trained = try facet("train", "tiny.yaml", "--run", "run")
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.contains("PSNR") && trained.output.contains("run/samples.png"))
    #expect(trained.errors.contains("tokenizer 3/3") && trained.errors.contains("generator 3/3"))
    #expect(!trained.errors.contains("\u{1B}") && !trained.errors.contains("\r"))
    #expect(shop.exists("run/reconstructions.png") && shop.exists("run/metrics.jsonl"))

    let again = try facet("train", "tiny.yaml", "--run", "run")
    #expect(again.status == 1 && again.errors.contains("--resume"))
    #expect(try facet("train", "tiny.yaml", "--run", "run", "--resume").status == 0)

    let reconstructed = try facet("reconstruct", "run", "images/dark", "images/light/0.png", "-o", "back")
    #expect(reconstructed.status == 0, "\(reconstructed.errors)")
    // Two pictures are named 0.png.
    #expect(try shop.names("back") == ["0-2.png", "0.png", "1.png", "2.png", "3.png", "sheet.png"])
    #expect(reconstructed.output.contains("mean of 5: "))

    let tokenized = try facet("tokenize", "run", "images", "-o", "codes.safetensors")
    #expect(tokenized.output == "codes.safetensors: 8 pictures, 64 tokens each\n", "\(tokenized.errors)")
    let decoded = try facet("detokenize", "run", "codes.safetensors", "-o", "decoded")
    #expect(decoded.status == 0, "\(decoded.errors)")
    // Codes say all that the decoder knows: the same pictures come back.
    #expect(try shop.read("decoded/00001.png") == shop.read("back/1.png"))

    let drawn = try facet("generate", "run", "--class", "light", "--count", "3", "--seed", "7", "-o", "drawn")
    #expect(drawn.status == 0, "\(drawn.errors)")
    #expect(try shop.names("drawn") == ["light-0.png", "light-1.png", "light-2.png", "sheet.png"])
    #expect(try facet("generate", "run", "--class", "1", "--count", "3", "--seed", "7", "-o", "same").status == 0)
    #expect(try shop.read("drawn/sheet.png") == shop.read("same/sheet.png"))
    let greedy = try facet("generate", "run", "--count", "1", "--temperature", "0", "--guidance", "1", "-o", "all")
    #expect(greedy.status == 0, "\(greedy.errors)")
    #expect(try shop.names("all") == ["dark-0.png", "light-0.png", "sheet.png"])

    let evaluated = try facet("evaluate", "run", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any])
    #expect((object["protocol"] as? [String: Any])?["compared"] as? Int == 8)
    #expect((object["books"] as? [Any])?.count == 2)
    #expect(object["psnr"] is Double && object["joint"] != nil)
    #expect(try facet("evaluate", "run", "--data", "images/dark").output.contains("4 of 4 pictures"))
  }

  @Test func bf16FromTrainingToPictures() throws {
    let shop = try Workshop()
    let facet = shop.facet
    let trained = try facet("train", "tiny.yaml", "--run", "run", "--precision", "bf16")
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(String(decoding: try shop.read("run/spec.yaml"), as: UTF8.self).contains("precision: bf16"))
    #expect(try facet("reconstruct", "run", "images/dark/0.png", "-o", "bf16").status == 0)
    #expect(try facet("reconstruct", "run", "images/dark/0.png", "--precision", "f32", "-o", "f32").status == 0)
    #expect(try facet("tokenize", "run", "images", "--precision", "bf16", "-o", "codes").status == 0)
    #expect(try facet("detokenize", "run", "codes", "--precision", "bf16", "-o", "decoded").status == 0)
    let drawn = try facet("generate", "run", "--count", "2", "--precision", "bf16", "--weights", "int8", "-o", "drawn")
    #expect(drawn.status == 0, "\(drawn.errors)")
    #expect(try facet("evaluate", "run", "--precision", "bf16").status == 0)
    let dumped = try facet(
      "compile", "tiny.yaml", "--precision", "bf16", "--program", "generator.train", "--dump-after", "set-precision")
    #expect(dumped.output.contains("precision = bf16"), "\(dumped.errors)")
    let plain = try facet("compile", "tiny.yaml", "--program", "generator.train", "--dump-after", "rematerialize")
    #expect(plain.status == 0 && !plain.output.contains("precision"))
    #expect(try facet("graph", "tiny.yaml", "--precision", "bf16", "--stage", "optimized").status == 0)
    let refused = try facet("compile", "tiny.yaml", "--precision", "f16")
    #expect(refused.status == 2 && refused.errors.contains("'f32', 'bf16' or 'strict'"), "\(refused.errors)")
  }

  @Test func ctrlCSavesAndResumeGoesOn() throws {
    let shop = try Workshop()
    let long = Workshop.spec.replacing("steps: 3 }\n  generator", with: "steps: 100000 }\n  generator")
    #expect(long != Workshop.spec)
    try shop.write(long, "long.yaml")
    let started = try shop.facet.start(["train", "long.yaml", "--run", "run"])
    let errors = Facet.Reader(started.errors)
    // The first report is in the log once the first step is done.
    let log = "\(shop.path)/run/metrics.jsonl"
    for _ in 0..<600 where ((try? Data(contentsOf: URL(fileURLWithPath: log)))?.isEmpty ?? true) {
      Thread.sleep(forTimeInterval: 0.05)
    }
    started.process.interrupt()
    started.process.waitUntilExit()
    #expect(started.process.terminationReason == .exit)
    #expect(started.process.terminationStatus == 130)
    #expect(errors.text.contains("stopped; everything is saved"))
    let saved = try shop.names("run/checkpoints")
    #expect(saved.count == 1 && saved.allSatisfy { $0.hasPrefix("tokenizer-") && $0.hasSuffix(".safetensors") })
    let resumed = try shop.facet("train", "long.yaml", "--run", "run", "--resume", "--steps", "1")
    #expect(resumed.status == 0 && resumed.errors.contains("goes on after step"), "\(resumed.errors)")
  }

  @Test func compilePrintsCostsAndKeepsALimit() throws {
    let shop = try Workshop()
    let table = try shop.facet("compile", "tiny.yaml")
    #expect(table.status == 0)
    for name in ["tokenizer.encode", "tokenizer.train", "generator.step", "generator.train", "lower bound", "about ms"]
    {
      #expect(table.output.contains(name))
    }
    let untimed = try shop.facet("compile", "tiny.yaml", "--no-time").output
    let again = try shop.facet("compile", "tiny.yaml", "--no-time").output
    #expect(!untimed.contains("about ms") && untimed == again)
    let one = try shop.facet("compile", "tiny.yaml", "--program", "tokenizer.decode")
    #expect(one.output.contains("@tokenizer.decode") && one.output.contains("conv2d"))
    #expect(one.output.contains("estimated time of a run"))
    let refused = try shop.facet("compile", "tiny.yaml", "--memory-limit", "100KiB")
    #expect(refused.status == 2 && refused.errors.contains("the smallest limit that works"), "\(refused.errors)")
    #expect(try shop.facet("compile", "tiny.yaml", "--memory-limit", "1GB").status == 0)
    #expect(try shop.facet("compile", "tiny.yaml", "--memory-limit", "much").status == 2)
    #expect(try shop.facet("compile", "tiny.yaml", "--program", "nothing").status == 2)
  }

  @Test func graphIsWrittenInBothLanguages() throws {
    let shop = try Workshop()
    let svg = try shop.facet("graph", "tiny.yaml", "--program", "tokenizer.encode")
    #expect(svg.output.hasPrefix("<svg") && svg.output.hasSuffix("</svg>\n"))
    #expect(XMLParser(data: Data(svg.output.utf8)).parse())
    #expect(try shop.facet("graph", "tiny.yaml", "--format", "dot", "-o", "graph.dot").status == 0)
    #expect(String(decoding: try shop.read("graph.dot"), as: UTF8.self).hasPrefix("digraph \"tokenizer.reconstruct\""))
  }

  @Test func initWritesASpecThatChecks() throws {
    let shop = try Workshop()
    #expect(try shop.facet("init", "--data", "images", "-o", "mine.yaml").status == 0)
    let checked = try shop.facet("check", "mine.yaml")
    #expect(checked.status == 0 && checked.output == "mine.yaml: fine\n")
    #expect(try shop.facet("init", "-o", "mine.yaml").status == 2)
    for template in ["fqgan-dual-f8", "fqgan-dual-f16", "fqgan-triple-f8", "fqgan-triple-f16", "far-b", "far-l"] {
      let written = try shop.facet("init", template, "--data", "later", "-o", "\(template).yaml")
      #expect(written.status == 0 && written.errors.contains("does not exist yet"))
      #expect(try shop.facet("check", "\(template).yaml").status == 0)
    }
  }

  @Test func checkResolvesAndFixes() throws {
    let shop = try Workshop()
    let resolved = try shop.facet("check", "tiny.yaml", "--resolved")
    #expect(resolved.output.contains("# line 3") && resolved.output.contains("# default"))
    try shop.write(Workshop.spec.replacing("residual_blocks", with: "residualBlocks"), "typo.yaml")
    let wrong = try shop.facet("check", "tiny.yaml", "typo.yaml", "--format", "json")
    #expect(wrong.status == 2)
    let array = try JSONSerialization.jsonObject(with: Data(wrong.output.utf8)) as? [[String: Any]]
    #expect((array?.first?["primary"] as? [String: Any])?["line"] as? Int == 5)
    let fixed = try shop.facet("check", "typo.yaml", "--fix")
    #expect(fixed.status == 0 && fixed.errors.contains("1 correction applied"), "\(fixed.errors)")
    #expect(String(decoding: try shop.read("typo.yaml"), as: UTF8.self) == Workshop.spec)
  }

  @Test func schemaAndExplanationsAreThere() throws {
    let shop = try Workshop()
    #expect(try JSONSerialization.jsonObject(with: Data(shop.facet("schema").output.utf8)) is [String: Any])
    #expect(try shop.facet("schema", "--reference").output.hasPrefix("# Spec reference"))
    let list = try shop.facet("explain").output.split(separator: "\n")
    let code = try #require(list.last?.split(separator: " ").first.map(String.init))
    #expect(try shop.facet("explain", code.lowercased()).output.contains(code))
    #expect(try shop.facet("explain", "F9999").status == 2)
    #expect(try shop.facet("--help").status == 0)
    #expect(try shop.facet("help", "train").output.contains("--resume"))
    #expect(try shop.facet("--version").status == 0)
  }
}
