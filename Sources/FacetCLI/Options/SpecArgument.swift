import ArgumentParser
import Diagnostics
import Foundation
import Imaging
import Spec

/// A spec on the command line.
struct SpecArgument: ParsableArguments {
  @Argument(help: "The spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var spec: String

  /// Reads the spec; prints its warnings and throws its errors.
  func load() throws -> ModelSpec { try Self.load(spec) }

  /// Reads a spec; prints its warnings and throws its errors.
  static func load(_ path: String) throws -> ModelSpec {
    let (spec, diagnostics) = SpecLoader.load(path: path)
    guard let spec else { throw SpecFailure(diagnostics: diagnostics) }
    if !diagnostics.isEmpty {
      Console.complaint(SpecFailure(diagnostics: diagnostics).rendered(color: Console.errorIsTerminal))
    }
    return spec
  }
}

/// The classes of a generator before it is trained: those of the spec, else the folders of its data.
struct ClassNames {
  /// Names in label order; empty for a spec without a generator.
  let names: [String]

  /// The classes of a spec.
  init(_ spec: ModelSpec) throws {
    guard let generator = spec.generator else {
      names = []
      return
    }
    let folders = try? spec.data.map { try ImageFolder(path: $0.path).classes }
    if let count = generator.classes {
      let known = folders?.count == count ? folders : nil
      names = known ?? (0..<count).map(String.init)
    } else if let folders {
      names = folders
    } else {
      let place = spec.data.map { "the folder \($0.path) cannot be read" } ?? "there is no 'data' section"
      throw Refusal.failed(
        "the number of classes is not known: \(place); write it as 'generator: { classes: N }'")
    }
  }
}
