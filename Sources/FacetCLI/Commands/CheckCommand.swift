import ArgumentParser
import Diagnostics
import Foundation
import Spec
import Storage

/// `facet check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Checks specs and says everything that is wrong with them.",
    discussion: "Exits with 2 when any spec has an error.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: "The specs.", completion: .file(extensions: ["yaml", "yml"]))
  var specs: [String]

  @Option(help: "How problems are printed: \(Format.text.rawValue) or \(Format.json.rawValue).")
  var format = Format.text

  @Flag(help: "Apply the corrections that cannot change the meaning, and write the file back.")
  var fix = false

  @Flag(help: "Print the complete spec: every value, and the line or the default it comes from.")
  var resolved = false

  func validate() throws {
    if resolved && format == .json {
      throw ValidationError("--resolved prints YAML; it cannot be combined with --format json")
    }
  }

  func run() throws {
    var all: [Diagnostic] = []
    for path in specs {
      let loaded = try fix ? repaired(path) : SpecLoader.open(path: path)
      all += loaded.diagnostics
      if format == .text { show(loaded, path) }
    }
    if format == .json { Console.result(JSONRenderer().render(all), terminator: "") }
    if all.hasErrors { throw ExitCode(2) }
  }

  private func show(_ loaded: LoadedSpec, _ path: String) {
    if !loaded.diagnostics.isEmpty {
      Console.complaint(TextRenderer(color: Console.errorIsTerminal).render(loaded.diagnostics), terminator: "")
    }
    guard loaded.spec != nil else { return }
    if resolved, let text = SpecPrinter.annotatedYAML(loaded) {
      Console.result(text, terminator: "")
    } else {
      Console.result("\(path): fine")
    }
  }

  /// Applies safe edits until none is left; a correction may uncover another problem.
  private func repaired(_ path: String) throws -> LoadedSpec {
    var loaded = SpecLoader.open(path: path)
    var count = 0
    for _ in 0..<8 {
      guard let source = loaded.source else { break }
      let (text, applied) = FixApplier.apply(loaded.diagnostics, to: source)
      guard applied > 0, text != source.text else { break }
      try AtomicFile.write(text, to: path)
      count += applied
      loaded = SpecLoader.open(path: path)
    }
    if count > 0 { Console.complaint("\(path): \(count) correction\(count == 1 ? "" : "s") applied") }
    return loaded
  }
}
