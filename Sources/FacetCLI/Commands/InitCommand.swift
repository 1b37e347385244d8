import ArgumentParser
import Foundation
import Spec
import Storage

/// `facet init`.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Writes a spec to start from, for a folder of your own pictures.",
    discussion: "Templates: \(Template.allCases.map(\.rawValue).joined(separator: ", ")).")

  @Argument(help: "The template.")
  var template = Template.quickstart

  @Option(help: "The folder of your PNG pictures, one sub-folder per class.", completion: .directory)
  var data = "images"

  @Option(name: .shortAndLong, help: "The file to write (default: my-TEMPLATE.yaml).")
  var output: String?

  @Flag(help: "Overwrite a file that is there.")
  var force = false

  func run() throws {
    let path = output ?? "my-\(template.rawValue).yaml"
    if !force, FileManager.default.fileExists(atPath: path) {
      throw Refusal.usage("\(path) is there already; --force overwrites it")
    }
    let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    try AtomicFile.write(text(named: stem), to: path)
    Console.result(
      "\(path): written; `facet compile \(path)` shows what it costs, `facet train \(path) --run RUN` trains it")
    if !FileManager.default.fileExists(atPath: dataPath) {
      Console.complaint("\(data) does not exist yet: put PNG pictures there, one sub-folder per class")
    }
  }

  /// The template under the name of its file, or its own name where that would not do for a model.
  private func text(named stem: String) -> String {
    let text = template.text(name: stem, data: dataPath)
    let isSound = SpecLoader.load(text: text, file: "template").spec != nil
    return isSound ? text : template.text(name: template.rawValue, data: dataPath)
  }

  /// Absolute, because a relative path in a spec is meant relative to the spec.
  private var dataPath: String { URL(fileURLWithPath: data).standardizedFileURL.path }
}

extension Template: ExpressibleByArgument {}
