import Diagnostics
import Foundation
import YAML

/// A spec file after reading, with what is needed to talk about it.
public struct LoadedSpec: Sendable {
  /// The spec; nil when there is any error.
  public let spec: ModelSpec?
  /// Everything that is wrong with the file, in the order of the file.
  public let diagnostics: [Diagnostic]
  /// The file; nil when it could not be read.
  public let source: SourceFile?
  /// Where the values stand that are written in the file.
  public let places: SpecPlaces
}

/// Reads spec files. Never traps on any input: whatever is wrong becomes a diagnostic, and all that is wrong with a
/// file is found in one run, except that nothing after broken YAML syntax can be judged.
public enum SpecLoader {
  /// Reads a spec file. The spec is nil when any diagnostic is an error.
  public static func load(path: String) -> (spec: ModelSpec?, diagnostics: [Diagnostic]) {
    let loaded = open(path: path)
    return (loaded.spec, loaded.diagnostics)
  }

  /// Reads a spec from a text; `file` names it in diagnostics and anchors relative paths.
  public static func load(text: String, file: String) -> (spec: ModelSpec?, diagnostics: [Diagnostic]) {
    let loaded = open(text: text, file: file)
    return (loaded.spec, loaded.diagnostics)
  }

  /// Reads a spec file and keeps its source and the places of its values.
  public static func open(path: String) -> LoadedSpec {
    do {
      return open(text: try SpecFile.read(path: path), file: path)
    } catch {
      let nowhere = SourceFile(name: path, text: "").span(line: 1, column: 1, length: 0)
      return LoadedSpec(spec: nil, diagnostics: [error], source: nil, places: SpecPlaces(start: nowhere))
    }
  }

  /// Reads a spec from a text and keeps its source and the places of its values.
  public static func open(text: String, file: String) -> LoadedSpec {
    let source = SourceFile(name: file, text: text)
    var diagnostics: [Diagnostic] = []
    var spec: ModelSpec?
    var places = SpecPlaces(start: source.span(line: 1, column: 1, length: 0))
    if text.utf8.count > SpecFile.largest {
      diagnostics = [SpecFile.tooLarge(file)]
    } else {
      let document = YAMLParser.parse(source)
      diagnostics = document.diagnostics
      if let root = document.root {
        let reader = SpecReader(source: source)
        spec = SpecSchema.root.rule.read(root, nil, reader)
        places = reader.places
        diagnostics += reader.diagnostics
      } else if diagnostics.isEmpty {
        diagnostics = [
          Diagnostic(
            .emptyFile, "the spec \(Diagnostic.quote(file)) is empty", at: nil,
            help: ["`facet init` writes one to start from"])
        ]
      }
    }
    if let read = spec {
      let finished = finish(read, places, file: file)
      for check in SpecCheckList.all where check.reads.allSatisfy(places.isSound) {
        diagnostics += check.check(finished, places)
      }
      spec = diagnostics.hasErrors ? nil : finished
    }
    diagnostics.sort(by: Diagnostic.inSourceOrder)
    return LoadedSpec(spec: spec, diagnostics: diagnostics, source: source, places: places)
  }

  /// Defaults that depend on other values, and paths made absolute.
  private static func finish(_ spec: ModelSpec, _ places: SpecPlaces, file: String) -> ModelSpec {
    var spec = spec
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    func absolute(_ path: inout String) {
      if !path.hasPrefix("/") { path = folder.appendingPathComponent(path).standardizedFileURL.path }
    }
    if var data = spec.data {
      absolute(&data.path)
      spec.data = data
    }
    if var perceptual = spec.losses.perceptual {
      absolute(&perceptual.weights)
      spec.losses.perceptual = perceptual
    }
    for index in spec.teachers.indices { absolute(&spec.teachers[index].weights) }
    // Only learned vectors of their own latents are unit vectors by the paper's default, and a grid needs no losses.
    let quantizer = "tokenizer.quantizer"
    if spec.tokenizer.quantizer.kind != .vq {
      if !places.isWritten("\(quantizer).normalize") { spec.tokenizer.quantizer.normalize = false }
      if !places.isWritten("losses.disentanglement.weight") { spec.losses.disentanglement.weight = 0 }
    }
    if spec.tokenizer.quantizer.kind == .fsq {
      if !places.isWritten("\(quantizer).entropy.weight") { spec.tokenizer.quantizer.entropy.weight = 0 }
      if !places.isWritten("\(quantizer).commitment") { spec.tokenizer.quantizer.commitment = 0 }
    }
    // `adam` has no weight decay, so a default that is meant for `adamw` does not apply to it.
    func withoutStrayDecay(_ stage: inout StageSpec, _ path: String) {
      if stage.optimizer.kind == .adam, !places.isWritten("\(path).optimizer.weight_decay") {
        stage.optimizer.weightDecay = 0
      }
    }
    withoutStrayDecay(&spec.training.tokenizer, "training.tokenizer")
    withoutStrayDecay(&spec.training.generator.stage, "training.generator")
    return spec
  }
}
