import ArgumentParser
import Diagnostics
import Spec

/// `facet explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explains a code of `facet check`, with a wrong and a right spec.")

  @Argument(help: "The code, for example \(SpecCatalogue.kinds.first?.code ?? ""); all codes are listed without one.")
  var code: String?

  /// What the spec's checks find, and what only the compiler does.
  private static let kinds = SpecCatalogue.kinds + [MemoryLimitProblem.kind]

  func run() throws {
    guard let code else {
      for kind in Self.kinds { Console.result("\(kind.code)  \(kind.title)") }
      return
    }
    guard let kind = Self.kinds.first(where: { $0.code == code.uppercased() }) else {
      throw Refusal.usage("there is no code '\(code)'; `facet explain` lists them all")
    }
    Console.result(kind.page, terminator: "")
  }
}
