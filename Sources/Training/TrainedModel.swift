import Foundation
import Imaging
import Models
import Spec

/// A run opened for use.
public struct TrainedModel {
  /// Its files.
  public let run: RunDirectory
  /// Its spec.
  public let spec: ModelSpec
  /// Names of its classes.
  public let classes: [String]
  /// Its session, parameters loaded.
  public let session: ModelSession

  /// Opens a run. The generator is loaded where `needsGenerator` says so.
  public init(_ path: String, needsGenerator: Bool) throws {
    run = RunDirectory(path)
    let (spec, diagnostics) = SpecLoader.load(path: run.specPath)
    guard let spec else {
      throw CheckpointError(
        description: "\(path) is not a run: \(diagnostics.first?.message ?? "it has no readable spec.yaml")")
    }
    self.spec = spec
    classes = try run.classes()
    session = try ModelSession(spec)
    guard let tokenizer = run.checkpoints(.tokenizer).last else {
      throw CheckpointError(description: "\(path) holds no tokenizer checkpoint")
    }
    try session.store.add(Tokenizer(spec).reconstructProgram(batch: 1))
    try Checkpoint.loadForInference(session.store, stage: .tokenizer, path: tokenizer.path)
    guard needsGenerator else { return }
    guard let generator = Generator(spec, classes: classCount), let newest = run.checkpoints(.generator).last else {
      throw CheckpointError(description: "\(path) holds no generator checkpoint; train it with --stage generator")
    }
    try session.store.add(generator.stepProgram(count: 1, guided: false))
    try session.store.add(generator.prefillProgram(count: 1, guided: false))
    try Checkpoint.loadForInference(session.store, stage: .generator, path: newest.path)
  }

  /// A model of a spec with random weights.
  public init(untrained spec: ModelSpec, classes: [String]) throws {
    run = RunDirectory("")
    self.spec = spec
    self.classes = classes
    session = try ModelSession(spec)
  }

  /// The name of a class, or its number where it has none.
  public func name(of label: Int) -> String { classes.indices.contains(label) ? classes[label] : String(label) }

  /// Number of classes of the generator.
  public var classCount: Int { spec.generator?.classes ?? classes.count }

  /// Reads an image and cuts it to the model's size.
  public func image(_ path: String) throws -> Image {
    SquareCrop.center(try PNGReader().read(path), size: spec.image.size)
  }

  /// Distances between the data and its reconstructions, and the use of the codebooks.
  public struct Evaluation: Codable, Sendable {
    /// Images compared.
    public var images: Int
    /// Mean peak signal-to-noise ratio in dB.
    public var psnr: Double
    /// Mean structural similarity.
    public var ssim: Double
    /// Share of entries used, by sub-codebook.
    public var usage: [String: Double]
    /// Perplexity of the codes, by sub-codebook.
    public var perplexity: [String: Double]
    /// How images were cut.
    public var protocolText: String
  }

  /// Reconstructs a folder of images, centre-cropped, and compares.
  public func evaluate(_ path: String?, onUnreadable: (String) -> Void) throws -> Evaluation {
    let data = try TrainingData(spec, path: path)
    let reconstructor = try Reconstructor(session, batch: 16)
    var usage = spec.tokenizer.codebooks.map { UsageWindow(size: $0.size) }
    var (psnr, ssim, count) = (0.0, 0.0, 0)
    for first in stride(from: 0, to: data.folder.count, by: reconstructor.batch) {
      var images: [Image] = []
      for index in first..<min(data.folder.count, first + reconstructor.batch) {
        do {
          images.append(try data.centered(index))
        } catch { onUnreadable("\(error)") }
      }
      let (pictures, codes) = try reconstructor.reconstruct(images)
      for (index, codes) in codes.enumerated() { usage[index].add(codes) }
      for (image, picture) in zip(images, pictures) {
        let clamped = picture.rgb.image
        psnr += try ImageQuality.psnr(image, clamped)
        ssim += try ImageQuality.ssim(image, clamped)
        count += 1
      }
    }
    let names = spec.tokenizer.codebooks.map(\.name)
    return Evaluation(
      images: count, psnr: psnr / Double(max(1, count)), ssim: ssim / Double(max(1, count)),
      usage: Dictionary(uniqueKeysWithValues: zip(names, usage.map(\.usage))),
      perplexity: Dictionary(uniqueKeysWithValues: zip(names, usage.map(\.perplexity))),
      protocolText: "centre crop to \(spec.image.size)x\(spec.image.size), 8-bit reconstructions, mean over images")
  }
}
