import ArgumentParser
import Diagnostics
import Spec

/// `facet explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explains a code of `facet check`, with a wrong and a right spec.")

  @Argument(help: "The code, for example \(SpecCatalogue.kinds.first?.code ?? ""); all codes are listed without one.")
  var code: String?

  private static func compilerKind(_ code: String) -> DiagnosticKind? {
    MemoryLimitProblem.kind.code == code.uppercased() ? MemoryLimitProblem.kind : nil
  }

  func run() throws {
    guard let code else {
      for kind in SpecCatalogue.kinds + [MemoryLimitProblem.kind] { Console.result("\(kind.code)  \(kind.title)") }
      return
    }
    guard let kind = SpecCatalogue.kind(code: code) ?? Self.compilerKind(code) else {
      throw Refusal.usage("there is no code '\(code)'; `facet explain` lists them all")
    }
    Console.result(kind.page, terminator: "")
  }
}
