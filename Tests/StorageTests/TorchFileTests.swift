import Foundation
import Storage
import TestSupport
import Testing

/// Checkpoints as PyTorch writes them, and files that only look like them.
@Suite struct TorchFileTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Torch")
  static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  @Test func tensorsOfEveryType() throws {
    let file = try TorchFile(path: Self.path("checkpoint.pt"))
    #expect(
      file.tensors.keys.sorted() == [
        "model.a.view", "model.a.weight", "model.b.brain", "model.b.half", "model.c.double", "model.n", "model.p",
        "optimizer.state.0.exp_avg",
      ])
    #expect(file.tensors["model.a.weight"]?.shape == [4, 6])
    #expect(try file.floats("model.a.weight") == (0..<24).map(Float.init))
    // A transposed view of every other column: rows 1...3 of the transpose, columns 0 and 2.
    #expect(file.tensors["model.a.view"]?.shape == [3, 2])
    #expect(try file.floats("model.a.view") == [1, 13, 2, 14, 3, 15])
    #expect(try file.floats("model.b.half") == [1.5, -2.25, 65504])
    #expect(try file.floats("model.b.brain") == [1, -3.5])
    #expect(try file.floats("model.c.double") == [0.1])
    #expect(try file.floats("model.p") == [2, 4])
    #expect(throws: TorchError.self) { try file.floats("model.n") }
    #expect(throws: TorchError.self) { try file.floats("model.absent") }
  }

  @Test func callsAreNotMade() throws {
    let mark = "executed-by-a-pickle"
    try? FileManager.default.removeItem(atPath: mark)
    let file = try TorchFile(path: Self.path("hostile.pt"))
    #expect(Array(file.tensors.keys) == ["model.w"])
    #expect(try file.floats("model.w") == [1, 1])
    #expect(!FileManager.default.fileExists(atPath: mark))
  }

  @Test func damagedFilesAreErrors() throws {
    let folder = try TemporaryFolder()
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.path("checkpoint.pt"))))
    var random = RandomTensors(seed: 11)
    func attempt(_ bytes: [UInt8]) throws {
      let path = folder.file("damaged.pt")
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      // Whatever comes, it must not trap.
      guard let file = try? TorchFile(path: path) else { return }
      for name in file.tensors.keys { _ = try? file.floats(name) }
    }
    for length in [0, 1, 21, 22, 100, whole.count / 2, whole.count - 1] { try attempt(Array(whole.prefix(length))) }
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      try attempt(bytes)
    }
    #expect(throws: TorchError.self) { try TorchFile(path: #filePath) }
  }

  private func error(_ pickle: [UInt8]) throws -> String? {
    let folder = try TemporaryFolder()
    let path = folder.file("hostile.pt")
    try TorchWriter.checkpoint(pickle: pickle).write(to: URL(fileURLWithPath: path))
    do {
      #expect(try TorchFile(path: path).tensors == [:])
      return nil
    } catch { return "\(error)" }
  }

  /// Values in values, as deep as the file is long, are freed without as many calls in calls.
  @Test func depthIsNoDanger() throws {
    let deep = 1_000_000
    #expect(try error([0x80, 2, 0x4e] + [UInt8](repeating: 0x85, count: deep) + [0x2e]) == nil)
    let (open, append) = ([UInt8](repeating: 0x5d, count: deep), [UInt8](repeating: 0x61, count: deep - 1))
    #expect(try error([0x80, 2] + open + append + [0x2e]) == nil)
    // The same without an end.
    #expect(try error([0x80, 2] + open + append)?.contains("ends early") == true)
    // A list in itself.
    #expect(try error([0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e]) == nil)
  }

  /// Dictionaries that hold one another ten times over name more than can be listed.
  @Test func repetitionIsBounded() throws {
    var pickle: [UInt8] = [0x80, 2, 0x7d, 0x71, 0]
    for level in UInt8(1)...14 {
      pickle += [0x7d, 0x28]
      for key in UInt8(0)..<10 { pickle += [0x58, 1, 0, 0, 0, 0x30 + key, 0x68, level - 1] }
      pickle += [0x75, 0x71, level]
    }
    #expect(try error(pickle + [0x2e])?.contains("names more than") == true)
  }

  /// Numbers of an archive's directory that no sum may overflow on.
  @Test func directoriesAnywhereAreErrors() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("wide.pt")
    for fields in [[UInt64.max, 10, 1 << 62], [1, 1 << 20, UInt64(Int64.max)], [1 << 63, 0, 0]] {
      var bytes: [UInt8] = [0x50, 0x4b, 6, 6] + [UInt8](repeating: 0, count: 28)
      for field in fields { bytes += withUnsafeBytes(of: field.littleEndian) { [UInt8]($0) } }
      bytes += [0x50, 0x4b, 6, 7] + [UInt8](repeating: 0, count: 16)
      bytes += [0x50, 0x4b, 5, 6] + [UInt8](repeating: 0, count: 4) + [UInt8](repeating: 0xff, count: 12) + [0, 0]
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(throws: TorchError.self) { try TorchFile(path: path) }
    }
  }
}
