import Foundation

/// A folder of its own for one test, removed with its content when the value goes.
public final class TemporaryFolder {
  /// Its path.
  public let path: String

  /// Creates it.
  public init() throws {
    path = NSTemporaryDirectory() + "facet-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it, there or not.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file; returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// What it holds, sorted.
  public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  /// The text of a file.
  public func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }
}
