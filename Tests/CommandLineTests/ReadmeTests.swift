import Foundation
import Testing

@testable import FacetCLI

/// What the README shows is true.
struct ReadmeTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func readme() throws -> String {
    try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
  }

  /// The texts of the fenced blocks of a language.
  private func blocks(_ language: String) throws -> [String] {
    try readme().components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }

  @Test func itsSpecIsSound() throws {
    let shop = try Workshop()
    let spec = try #require(try blocks("yaml").first)
    try shop.write(spec, "model.yaml")
    let result = try shop.facet("check", "model.yaml")
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    try shop.write(spec.replacing("size: 64", with: "size: 60"), "model.yaml")
    #expect(try shop.facet("check", "model.yaml").errors.contains("= help: the nearest sizes are 56 or 64"))
  }

  @Test func itsTableHasEveryCommand() throws {
    let text = try readme()
    for command in FacetCommand.configuration.subcommands {
      let name = try #require(command.configuration.commandName)
      #expect(text.contains("`\(name) ") || text.contains("`\(name)`"), "\(name) is not in the README")
    }
  }

  @Test func itsTestCommandIsTheOneThatCIRuns() throws {
    let script = try String(contentsOf: root.appendingPathComponent(".ci/run"), encoding: .utf8)
    #expect(try blocks("sh").contains("swift test -c release -Xswiftc -enable-testing\n"))
    #expect(script.hasSuffix("\nswift test -c release -Xswiftc -enable-testing\n"))
  }
}
