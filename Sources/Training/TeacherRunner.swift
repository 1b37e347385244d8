import Models
import Runtime
import Spec

/// Runs a frozen teacher on batches, and keeps features of image views where the spec says so.
final class TeacherRunner {
  let spec: TeacherSpec
  private let program: Executable
  private let width: Int
  private let batch: Int
  private var cache: FeatureCache?

  /// Compiles the teacher and reads its weights.
  init(_ session: ModelSession, _ spec: TeacherSpec, batch: Int, cacheFolder: String) throws {
    self.spec = spec
    self.batch = batch
    width = spec.width
    let weights = try TeacherWeights(spec)
    program = try session.compile(
      weights.teacher.program(batch: batch, imageSize: session.spec.image.size))
    try weights.fill(session.store)
    if spec.cache {
      let precision = session.spec.training.precision.rawValue
      cache = try FeatureCache(
        width: spec.width,
        identity:
          "\(try FeatureCache.fingerprint(spec.weights)) \(spec.nonlinearity.rawValue) \(spec.size) \(precision)",
        path: "\(cacheFolder)/teacher-\(spec.name).safetensors")
    }
  }

  /// Writes the features [B, D] of a batch of pixels [B, H, W, 3].
  func write(_ pixels: UnsafeMutableBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>) throws {
    let count = pixels.count / batch
    let keys = cache == nil ? [] : (0..<batch).map { FeatureCache.Key(pixels[$0 * count..<($0 + 1) * count]) }
    if let cache, cache.write(keys, to: target) { return }
    _ = try program.input("image").update(from: pixels)
    program.run()
    let features = try program.output("feature")
    _ = target.update(from: features)
    for (row, key) in keys.enumerated() { cache?.keep(key, Array(features[row * width..<(row + 1) * width])) }
  }

  /// Writes the kept features to the run's folder.
  func save() throws { try cache?.save() }
}
