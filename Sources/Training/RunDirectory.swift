import Foundation
import Spec
import Storage

/// The files of one training run.
public struct RunDirectory: Sendable {
  /// The folder.
  public let path: String

  /// A run in a folder, which need not exist yet.
  public init(_ path: String) { self.path = path }

  /// The resolved spec.
  public var specPath: String { path + "/spec.yaml" }
  /// Metrics, one JSON object per line.
  public var metricsPath: String { path + "/metrics.jsonl" }
  /// Codes of the training images.
  public var codesPath: String { path + "/codes.safetensors" }
  /// Names of the classes, one per line.
  public var classesPath: String { path + "/classes.txt" }
  /// Pictures made while training.
  public var samplesPath: String { path + "/samples" }

  /// The checkpoint of a stage after a number of steps.
  public func checkpointPath(_ stage: Checkpoint.Stage, step: Int) -> String {
    "\(path)/checkpoints/\(stage.rawValue)-\(String(repeating: "0", count: max(0, 7 - String(step).count)))\(step).safetensors"
  }

  /// Creates the folders.
  public func create() throws {
    for folder in [path, path + "/checkpoints", samplesPath] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
  }

  /// Checkpoints of a stage as (step, path), newest last.
  public func checkpoints(_ stage: Checkpoint.Stage) -> [(step: Int, path: String)] {
    let folder = path + "/checkpoints"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.compactMap { file -> (step: Int, path: String)? in
      guard file.hasPrefix(stage.rawValue + "-"), file.hasSuffix(".safetensors") else { return nil }
      return Int(file.dropFirst(stage.rawValue.count + 1).dropLast(".safetensors".count)).map {
        ($0, folder + "/" + file)
      }
    }.sorted { $0.step < $1.step }
  }

  /// Removes all but the newest checkpoints of a stage.
  public func prune(_ stage: Checkpoint.Stage, keeping count: Int = 2) {
    for old in checkpoints(stage).dropLast(count) { try? FileManager.default.removeItem(atPath: old.path) }
  }

  /// The classes of the run's data, in label order.
  public func classes() throws -> [String] {
    guard let text = try? String(contentsOfFile: classesPath, encoding: .utf8) else {
      throw CheckpointError(description: "\(path) is not a run: it has no classes.txt; `facet train` makes one")
    }
    return text.split(separator: "\n").map(String.init)
  }
}
