import ArgumentParser
import Foundation
import Storage

/// Where a command writes its pictures.
struct OutputFolder: ParsableArguments {
  @Option(name: .shortAndLong, help: "The folder to write to; it is created.", completion: .directory)
  var output: String

  /// Creates the folder.
  func create() throws {
    do {
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    } catch {
      throw Refusal.failed("cannot create the folder \(output): \(error.localizedDescription)")
    }
  }
}
