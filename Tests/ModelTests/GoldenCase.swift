import Foundation
import IR
import Models
import Runtime
import Spec
import Storage

/// Reference numbers of one small model: weights under the public checkpoints' names, inputs, and every output that an
/// implementation must match.
struct GoldenCase {
  var name: String
  var cases: SafetensorsFile
  var tokenizer: SafetensorsFile
  var generator: SafetensorsFile
  var spec: ModelSpec
  var classes: Int
  var teachers: [String: Int]

  /// The case in the repository, and those beside it where they are present.
  static var all: [URL] {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let inside = here.appendingPathComponent("Golden/tiny")
    let shared = here.appendingPathComponent("../../../shared/golden").standardizedFileURL
    let beside = ["single", "dual", "triple"].map { shared.appendingPathComponent($0) }
    return [inside] + beside.filter { FileManager.default.fileExists(atPath: $0.path) }
  }

  private struct Config: Decodable {
    struct Tokenizer: Decodable {
      var image, ch, blocks, z, dim, adapter_layers, adapter_heads, pred_layers, pred_heads: Int
      var mult, books: [Int]
      var beta, entropy, disentangle: Double
      var teachers: [String: Int]
    }
    struct Generator: Decodable { var classes, layers, head_layers, heads, width: Int }
    var tokenizer: Tokenizer
    var generator: Generator
  }

  /// Names of the heads in the reference, in order.
  var suffixes: [String] {
    [["vis"], ["vis", "sem"], ["vis", "sem_mid", "sem_high"]][spec.tokenizer.codebooks.count - 1]
  }

  init(_ folder: URL) throws {
    name = folder.lastPathComponent
    func file(_ name: String) throws -> SafetensorsFile {
      try SafetensorsFile(path: folder.appendingPathComponent(name + ".safetensors").path)
    }
    (cases, tokenizer, generator) = (try file("cases"), try file("tokenizer"), try file("generator"))
    let config = try JSONDecoder().decode(
      Config.self, from: Data(contentsOf: folder.appendingPathComponent("config.json")))
    let t = config.tokenizer
    let suffixes = [["vis"], ["vis", "sem"], ["vis", "sem_mid", "sem_high"]][t.books.count - 1]
    spec = ModelSpec(
      name: name, image: ImageSpec(size: t.image),
      tokenizer: TokenizerSpec(
        encoder: EncoderSpec(
          channels: t.ch, multipliers: t.mult, residualBlocks: t.blocks, latentChannels: t.z),
        adapter: AdapterSpec(layers: t.adapter_layers, heads: t.adapter_heads),
        codebooks: zip(suffixes, t.books).map {
          CodebookSpec(name: $0, size: $1, dim: t.dim, teacher: t.teachers[$0] == nil ? nil : $0)
        },
        quantizer: QuantizerSpec(commitment: t.beta, entropy: EntropySpec(weight: t.entropy, temperature: 0.01))),
      teachers: t.teachers.map { TeacherSpec(name: $0, kind: .clipViT, weights: "", width: $1) },
      losses: LossesSpec(
        disentanglement: DisentanglementSpec(weight: t.disentangle),
        representation: RepresentationSpec(layers: t.pred_layers, heads: t.pred_heads)),
      generator: GeneratorSpec(
        layers: config.generator.layers, width: config.generator.width, heads: config.generator.heads,
        headLayers: config.generator.head_layers))
    classes = config.generator.classes
    teachers = t.teachers
  }

  /// The tokenizer of the case.
  var model: Tokenizer { Tokenizer(spec) }

  /// Fills the parameters of a store from the reference weights; every parameter must have a name there.
  func load(_ store: ParameterStore, _ file: SafetensorsFile) throws {
    guard let names = ReferenceNames(spec) else { throw GoldenError(description: "\(name): no reference names") }
    for parameter in store.names {
      guard let symbol = store.symbol(parameter), symbol.role == .parameter, let target = store.floats(parameter) else {
        continue
      }
      guard let reference = names.name(of: parameter) else {
        throw GoldenError(description: "\(parameter) has no reference name")
      }
      let values = try Self.kernel(file, reference, symbol)
      guard values.count == target.count else {
        throw GoldenError(description: "\(parameter): \(values.count) elements in \(reference), \(target.count) here")
      }
      _ = target.update(from: values)
    }
  }

  /// A tensor of the case that belongs to a parameter, in the order of the parameter.
  func kernel(_ name: String, _ parameter: Symbol) throws -> [Float] { try Self.kernel(cases, name, parameter) }

  private static func kernel(_ file: SafetensorsFile, _ name: String, _ parameter: Symbol) throws -> [Float] {
    let values = try file.floats(name)
    guard parameter.type.rank == 4, values.count == parameter.type.count else { return values }
    return ReferenceNames.importKernel(values, shape: parameter.type.shape)
  }

  /// A tensor [B, C, H, W] of the case in the order [B, H, W, C].
  func channelsLast(_ name: String) throws -> [Float] { try ModelTests.channelsLast(cases, name) }
}

/// A tensor [B, C, H, W] of a file in the order [B, H, W, C].
func channelsLast(_ file: SafetensorsFile, _ name: String) throws -> [Float] {
  let shape = try file.entry(name).shape
  let values = try file.floats(name)
  let (batch, channels, pixels) = (shape[0], shape[1], shape[2] * shape[3])
  var result = [Float](repeating: 0, count: values.count)
  for image in 0..<batch {
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        result[(image * pixels + pixel) * channels + channel] = values[(image * channels + channel) * pixels + pixel]
      }
    }
  }
  return result
}

struct GoldenError: Error, CustomStringConvertible {
  var description: String
}

/// The largest difference of two tensors relative to the largest magnitude of the reference.
func relativeError(_ actual: some Collection<Float>, _ expected: [Float]) -> Float {
  guard actual.count == expected.count else { return .infinity }
  var (worst, scale): (Float, Float) = (0, 1e-12)
  for (a, e) in zip(actual, expected) {
    if !a.isFinite { return .infinity }
    worst = max(worst, abs(a - e))
    scale = max(scale, abs(e))
  }
  return worst / scale
}
