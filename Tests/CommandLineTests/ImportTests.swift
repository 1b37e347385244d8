import Foundation
import Storage
import TestSupport
import Testing

/// Weights of another program become a run that works, measures and trains on; narrow weights while measuring.
struct ImportTests {
  /// The tokenizer of `run` as a PyTorch checkpoint `weights.pt` in the reference's names.
  private func makeCheckpoint(_ shop: Workshop) throws -> SafetensorsFile {
    let exported = try shop.facet("export", "run", "-o", "weights.safetensors")
    try #require(exported.status == 0, "\(exported.errors)")
    let file = try SafetensorsFile(path: "\(shop.path)/weights.safetensors")
    let tensors = try file.tensors.sorted { $0.key < $1.key }.map {
      (name: $0.key, shape: $0.value.shape, values: try file.floats($0.key))
    }
    try TorchWriter.checkpoint(section: "model", tensors)
      .write(to: URL(fileURLWithPath: "\(shop.path)/weights.pt"))
    return file
  }

  private func measures(_ shop: Workshop, _ arguments: String...) throws -> (psnr: Double, text: String) {
    let result = try shop.facet.run(["evaluate"] + arguments + ["--json"])
    try #require(result.status == 0, "\(result.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return (try #require(object?["psnr"] as? Double), result.output)
  }

  @Test func trainingGoesOnFromImportedWeights() throws {
    let shop = try Workshop()
    let facet = shop.facet
    try shop.train()
    let weights = try makeCheckpoint(shop)
    let imported = try facet("import", "weights.pt", "--spec", "tiny.yaml", "--run", "imported")
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(imported.output == "tokenizer: \(weights.tensors.count) tensors from 'model'\n")
    #expect(try measures(shop, "imported").psnr == measures(shop, "run").psnr)

    let refused = try facet("train", "tiny.yaml", "--run", "imported", "--stage", "tokenizer")
    #expect(refused.status == 1 && refused.errors.contains("already holds a trained tokenizer"), "\(refused.errors)")

    // A rate that moves no weight shows what training starts from.
    let still = Workshop.spec.replacing(
      "tokenizer: { batch: 4, steps: 3 }",
      with: "tokenizer: { batch: 4, steps: 3, optimizer: { learning_rate: 1e-30 } }")
    #expect(still != Workshop.spec)
    try shop.write(still, "still.yaml")
    let resting = try facet(
      "train", "still.yaml", "--run", "imported", "--stage", "tokenizer", "--resume", "--steps", "2")
    #expect(resting.status == 0 && resting.errors.contains("goes on after step 0"), "\(resting.errors)")
    #expect(try facet("export", "imported", "-o", "same.safetensors").status == 0)
    let same = try SafetensorsFile(path: "\(shop.path)/same.safetensors")
    #expect(Set(same.tensors.keys) == Set(weights.tensors.keys))
    for name in weights.tensors.keys { #expect(try same.floats(name) == weights.floats(name), "\(name)") }

    let trained = try facet("train", "tiny.yaml", "--run", "imported", "--resume")
    #expect(trained.status == 0 && trained.errors.contains("goes on after step 2"), "\(trained.errors)")
    #expect(trained.errors.contains("tokenizer 3/3") && trained.errors.contains("generator 3/3"))
    #expect(try facet("export", "imported", "-o", "moved.safetensors").status == 0)
    let moved = try SafetensorsFile(path: "\(shop.path)/moved.safetensors")
    let name = "decoder.conv_in.weight"
    #expect(try moved.floats(name) != weights.floats(name))
  }

  @Test func whatCannotBeImportedIsNamed() throws {
    let shop = try Workshop()
    let facet = shop.facet
    try shop.train()
    _ = try makeCheckpoint(shop)
    func expect(
      _ result: Facet.Result, _ status: Int32, _ words: String..., location: SourceLocation = #_sourceLocation
    ) {
      #expect(result.status == status, "\(result.errors)", sourceLocation: location)
      for word in words { #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: location) }
    }
    let (spec, run) = (["--spec", "tiny.yaml"], ["--run", "imported"])
    try shop.write(
      Workshop.spec.replacing("{ name: second, size: 16, dim: 4 }", with: "{ name: second, size: 32, dim: 4 }"),
      "larger.yaml")
    expect(
      try facet.run(["import", "weights.pt", "--spec", "larger.yaml"] + run), 1, "weights.pt",
      "'quantize_sem.embedding.weight' must have shape [32, 4], but has [16, 4]")
    #expect(!shop.exists("imported"))
    expect(try facet.run(["import", "weights.pt", "--section", "ema"] + spec + run), 1, "no dictionary 'ema'")
    expect(try facet.run(["import", "nowhere.pt"] + spec + run), 1, "nowhere.pt")
    let whole = try shop.read("weights.pt")
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: "\(shop.path)/half.pt"))
    expect(try facet.run(["import", "half.pt"] + spec + run), 1, "half.pt")
    try shop.write(
      Workshop.spec.replacing("generator: { layers: 1, width: 16, heads: 2, head_layers: 1 }\n", with: ""), "first.yaml"
    )
    expect(
      try facet.run(["import", "weights.pt", "--stage", "generator", "--spec", "first.yaml"] + run), 2, "no 'generator'"
    )
    expect(
      try facet.run(["import", "weights.pt", "--stage", "generator"] + spec + run), 1, "is missing")
    #expect(try facet.run(["import", "weights.pt"] + spec + run).status == 0)
    expect(try facet.run(["import", "weights.pt"] + spec + run), 1, "already holds a trained tokenizer")
    // The generator has nothing to go on with, the tokenizer of another shape neither.
    expect(try facet("generate", "imported", "-o", "out"), 1, "no generator checkpoint")
    expect(
      try facet("train", "larger.yaml", "--run", "imported", "--resume"), 1, "tokenizer.codebooks[1].size: 16 -> 32")
  }

  /// Moving averages of codebooks are no weights: they do not go out, and follow the weights that come in.
  @Test func codebooksThatFollowAveragesComeAndGo() throws {
    let shop = try Workshop()
    let spec = Workshop.spec.replacing(
      "name: second, size: 16, dim: 4 }]\n",
      with: "name: second, size: 16, dim: 4 }]\n  quantizer: { ema: 0.5, restart: { every: 2, after: 1 } }\n")
    try shop.write(spec, "averaged.yaml")
    let facet = shop.facet
    let trained = try facet("train", "averaged.yaml", "--run", "run", "--stage", "tokenizer")
    #expect(trained.status == 0, "\(trained.errors)")
    let exported = try facet("export", "run", "-o", "weights.safetensors")
    #expect(exported.status == 0 && !exported.output.contains("without a name"), "\(exported.errors)")
    let imported = try facet("import", "weights.safetensors", "--spec", "averaged.yaml", "--run", "imported")
    #expect(imported.status == 0 && !imported.output.contains("fresh"), "\(imported.errors)")
    let checkpoint = try SafetensorsFile(path: "\(shop.path)/imported/checkpoints/tokenizer-0000000.safetensors")
    for book in ["first", "second"] {
      let table = try checkpoint.floats("quantizer.\(book).codebook")
      #expect(try checkpoint.floats("quantizer.\(book).sum") == table)
    }
  }

  @Test func aNetworkThatTheReferenceLacksKeepsFreshValuesAndIsNamed() throws {
    let shop = try Workshop()
    try shop.train()
    _ = try makeCheckpoint(shop)
    try shop.write(
      Workshop.spec.replacing(
        "sampling:",
        with:
          "losses: { adversarial: { start: 1, discriminator: { kind: residual, channels: 4, layers: 1 } } }\nsampling:"),
      "judged.yaml")
    let imported = try shop.facet("import", "weights.pt", "--spec", "judged.yaml", "--run", "imported")
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(imported.output.contains("fresh values kept") && imported.output.contains("discriminator.logit.weight"))
  }

  @Test func wrappersAreTakenOffNames() throws {
    let shop = try Workshop()
    try shop.train()
    let file = try makeCheckpoint(shop)
    func importing(_ name: String, as run: String, _ edit: (String, [Float]) -> (String, [Float])) throws
      -> Facet.Result
    {
      let tensors = try file.tensors.sorted { $0.key < $1.key }.map { name, entry in
        let (name, values) = edit(name, try file.floats(name))
        return (name: name, shape: entry.shape, values: values)
      }
      try TorchWriter.checkpoint(section: "model", tensors).write(to: URL(fileURLWithPath: "\(shop.path)/\(name)"))
      return try shop.facet("import", name, "--spec", "tiny.yaml", "--run", run)
    }
    let wrapped = try importing("wrapped.pt", as: "first") { ("module._orig_mod." + $0, $1) }
    #expect(wrapped.status == 0, "\(wrapped.errors)")
    #expect(wrapped.output == "tokenizer: \(file.tensors.count) tensors from 'model'\n")
    #expect(try measures(shop, "first").psnr == measures(shop, "run").psnr)

    let strange = try importing("strange.pt", as: "second") { ("net." + $0, $1) }
    #expect(strange.status == 1)
    #expect(strange.errors.contains("it has for example 'model.net.decoder.conv_"), "\(strange.errors)")
    let lost = try importing("lost.pt", as: "second") {
      ($0, $0 == "decoder.conv_in.bias" ? $1.map { _ in .infinity } : $1)
    }
    #expect(lost.status == 1)
    #expect(lost.errors.contains("'model.decoder.conv_in.bias' holds numbers that are not finite"), "\(lost.errors)")
    #expect(!shop.exists("second"))
  }

  @Test func checkpointsBeforeZipAreRecognized() throws {
    let shop = try Workshop()
    try Data([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e])
      .write(to: URL(fileURLWithPath: "\(shop.path)/old.pth"))
    let refused = try shop.facet("import", "old.pth", "--spec", "tiny.yaml", "--run", "imported")
    #expect(
      refused.status == 1 && refused.errors.contains("PyTorch before 1.6 must be saved again"), "\(refused.errors)")
  }

  @Test func narrowWeightsAreMeasured() throws {
    let shop = try Workshop()
    try shop.train()
    let full = try measures(shop, "run")
    #expect(full.text.contains("\"weights\" : \"f32\""))
    #expect(try measures(shop, "run", "--weights", "f32").psnr == full.psnr)
    for storage in ["bf16", "int8"] {
      let narrow = try measures(shop, "run", "--weights", storage)
      #expect(narrow.text.contains("\"weights\" : \"\(storage)\""))
      #expect(narrow.psnr != full.psnr, "\(storage) rounds nothing")
      #expect(abs(narrow.psnr - full.psnr) < 1, "\(storage): \(narrow.psnr) dB, not \(full.psnr)")
    }
    let table = try shop.facet("evaluate", "run", "--weights", "int8", "--precision", "bf16")
    #expect(table.status == 0 && table.output.contains("weights of linear layers in int8"), "\(table.errors)")
    #expect(try shop.facet("evaluate", "tiny.yaml", "--random-weights", "--weights", "bf16").status == 0)
    let refused = try shop.facet("evaluate", "run", "--weights", "int4")
    #expect(refused.status == 2 && refused.errors.contains("int4") && refused.errors.contains("'int8'"))
    #expect(try shop.facet("evaluate", "run", "--weights").status == 2)
    let missing = try shop.facet("evaluate", "nowhere", "--weights", "int8")
    #expect(missing.status == 2 && missing.errors.contains("no such folder"), "\(missing.errors)")
  }
}
