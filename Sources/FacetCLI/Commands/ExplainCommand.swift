import ArgumentParser
import Spec

/// `facet explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explains a code of `facet check`, with a wrong and a right spec.")

  @Argument(help: "The code, for example \(SpecCatalogue.kinds.first?.code ?? ""); all codes are listed without one.")
  var code: String?

  func run() throws {
    guard let code else {
      for kind in SpecCatalogue.kinds { Console.result("\(kind.code)  \(kind.title)") }
      return
    }
    guard let kind = SpecCatalogue.kind(code: code) else {
      throw Refusal.usage("there is no code '\(code)'; `facet explain` lists them all")
    }
    Console.result(kind.page, terminator: "")
  }
}
