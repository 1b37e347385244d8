import Diagnostics
import Foundation
import Spec
import Storage

/// The files of one training run.
public struct RunDirectory: Sendable {
  /// The folder.
  public let path: String

  /// A run in a folder, which need not exist yet.
  public init(_ path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

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
  /// Originals and reconstructions of the trained tokenizer.
  public var reconstructionsPath: String { path + "/reconstructions.png" }
  /// Pictures of every class drawn by the trained generator.
  public var classSheetPath: String { path + "/samples.png" }
  /// Measures of the trained tokenizer.
  public var evaluationPath: String { path + "/evaluation.json" }
  private var checkpointsPath: String { path + "/checkpoints" }

  /// The checkpoint of a stage after a number of steps.
  public func checkpointPath(_ stage: Checkpoint.Stage, step: Int) -> String {
    "\(checkpointsPath)/\(stage.rawValue)-\(String(format: "%07ld", step)).safetensors"
  }

  /// Creates the folders, and clears away what a killed process had half written.
  public func create() throws {
    for folder in [path, checkpointsPath, samplesPath] {
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw TrainingError(description: "cannot create the folder \(folder): \(error.localizedDescription)")
      }
      try AtomicFile.removeLeftovers(in: folder)
    }
  }

  /// Checkpoints of a stage as (step, path), newest last.
  public func checkpoints(_ stage: Checkpoint.Stage) -> [(step: Int, path: String)] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: checkpointsPath)) ?? []
    return files.compactMap { file -> (step: Int, path: String)? in
      guard file.hasPrefix(stage.rawValue + "-"), file.hasSuffix(".safetensors") else { return nil }
      return Int(file.dropFirst(stage.rawValue.count + 1).dropLast(".safetensors".count)).map {
        ($0, checkpointsPath + "/" + file)
      }
    }.sorted { $0.step < $1.step }
  }

  /// Removes all but the newest checkpoints of a stage.
  public func prune(_ stage: Checkpoint.Stage, keeping count: Int = 2) {
    for old in checkpoints(stage).dropLast(count) { try? FileManager.default.removeItem(atPath: old.path) }
  }

  /// The spec of the run.
  public func spec() throws -> ModelSpec {
    guard FileManager.default.fileExists(atPath: specPath) else { throw notARun("it has no spec.yaml") }
    let (spec, diagnostics) = SpecLoader.load(path: specPath)
    guard let spec else { throw notARun("\(specPath): \(diagnostics.first?.message ?? "it cannot be read")") }
    return spec
  }

  /// The classes of the run's data, in label order.
  public func classes() throws -> [String] {
    guard let text = try? String(contentsOfFile: classesPath, encoding: .utf8) else {
      throw notARun("it has no classes.txt")
    }
    return text.split(separator: "\n").map(String.init)
  }

  private func notARun(_ reason: String) -> NotARun {
    let exists = FileManager.default.fileExists(atPath: path)
    return NotARun(description: "\(path) is not a run: " + (exists ? reason : "there is no such folder"))
  }
}

/// A folder that is not a run was given as one.
public struct NotARun: Error, CustomStringConvertible {
  /// The folder and why it is none.
  public var description: String
}
