import Foundation
import Imaging
import Testing

/// A folder with a tiny spec, pictures in two classes, and on demand a trained run; removed at the end.
final class Workshop {
  let path: String
  var facet: Facet { Facet(folder: path) }

  init() throws {
    path = NSTemporaryDirectory() + "facet-command-\(UUID().uuidString)"
    for (label, name) in ["dark", "light"].enumerated() {
      try FileManager.default.createDirectory(atPath: "\(path)/images/\(name)", withIntermediateDirectories: true)
      for index in 0..<4 {
        let bytes = (0..<16 * 16 * 3).map { UInt8(($0 * (index + 3) + 100 * label) % 128 + 127 * label) }
        try PNGWriter.write(RGBImage(width: 16, height: 16, bytes: bytes), to: "\(path)/images/\(name)/\(index).png")
      }
    }
    try Self.spec.write(toFile: "\(path)/tiny.yaml", atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  static let spec = """
    facet: 1
    name: tiny
    image: { size: 16 }
    tokenizer:
      encoder: { channels: 8, multipliers: [1, 2], residual_blocks: 1, latent_channels: 8, norm_groups: 4 }
      adapter: { layers: 1, heads: 2 }
      codebooks: [{ name: first, size: 16, dim: 4 }, { name: second, size: 16, dim: 4 }]
    generator: { layers: 1, width: 16, heads: 2, head_layers: 1 }
    data: { path: images, crop: none, on_error: skip }
    training:
      tokenizer: { batch: 4, steps: 3 }
      generator: { batch: 4, steps: 3, crops: single }
    sampling: { guidance: 1.5, top_k: 8 }

    """

  /// Trains both stages into `run`.
  func train() throws {
    let result = try facet("train", "tiny.yaml", "--run", "run")
    try #require(result.status == 0, "\(result.errors)")
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) }

  func write(_ text: String, _ name: String) throws {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
  }

  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").sorted()
  }
}
