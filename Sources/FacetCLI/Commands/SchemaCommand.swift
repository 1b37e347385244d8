import ArgumentParser
import Spec

/// `facet schema`.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints the JSON Schema of specs, for editors.")

  @Flag(help: "Print the reference manual of specs instead, in Markdown.")
  var reference = false

  func run() {
    Console.result(reference ? ReferencePrinter.markdown : JSONSchemaPrinter.text, terminator: "")
  }
}
