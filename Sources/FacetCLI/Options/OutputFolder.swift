import ArgumentParser
import Foundation
import Storage

/// Where a command writes its pictures.
struct OutputFolder: ParsableArguments {
  @Option(name: .shortAndLong, help: "The folder to write to; it is created.", completion: .directory)
  var output: String

  /// Creates the folder.
  func create() throws { try Self.create(output) }

  /// Creates a folder.
  static func create(_ folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Refusal.failed("cannot create the folder \(folder): \(error.localizedDescription)")
    }
  }
}
