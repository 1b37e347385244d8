import Imaging
import Models
import Spec

/// Sheets of generated images, one row per class.
public struct ClassSheet {
  /// Rows of a sheet; further classes are left out.
  public static let largestRowCount = 32

  private let session: ModelSession
  private let perClass: Int
  private let labels: [Int32]
  private let sampler: Sampler
  private let decoder: ImageDecoder

  /// Sheets of a session's generator with `perClass` images of every class.
  public init(_ session: ModelSession, classes: Int, perClass: Int) throws {
    self.session = session
    self.perClass = perClass
    labels = (0..<min(classes, Self.largestRowCount)).flatMap { Array(repeating: Int32($0), count: perClass) }
    sampler = try Sampler(
      session, classes: classes, count: labels.count, guidance: Float(session.spec.sampling.guidance))
    decoder = try ImageDecoder(session, batch: min(8, labels.count))
  }

  /// Draws as the spec's `sampling` section says and writes a PNG.
  public func write(to path: String, seed: Int32) throws {
    let codes = try sampler.generate(labels: labels, seed: seed, settings: SamplingSettings(session.spec.sampling))
    let images = try decoder.decode(codes)
    let rows = stride(from: 0, to: images.count, by: perClass).map { Array(images[$0..<$0 + perClass]) }
    if let sheet = ImageSheet().compose(groups: [rows]) { try PNGWriter.write(sheet, to: path) }
  }
}

extension SamplingSettings {
  /// The settings of a spec's `sampling` section.
  public init(_ spec: SamplingSpec) {
    self.init(temperature: Float(spec.temperature), topK: spec.topK, topP: Float(spec.topP))
  }
}
