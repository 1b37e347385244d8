import ArgumentParser
import Diagnostics
import Foundation
import Training

/// The `facet` tool: parses a command line, runs the command, and turns whatever happens into an exit code.
///
/// Exit codes: 0 fine; 1 the work failed; 2 the command line or the spec is wrong; 130 stopped by Ctrl-C after saving.
public enum CommandLineTool {
  /// Runs a command line, without the name of the tool, and returns the exit code.
  public static func run(_ arguments: [String]) -> Int32 {
    do {
      var command = try FacetCommand.parseAsRoot(arguments)
      do {
        try command.run()
        return 0
      } catch {
        return report(error, of: type(of: command))
      }
    } catch {
      return answer(error)
    }
  }

  /// Help, version, and command lines that do not parse.
  private static func answer(_ error: any Error) -> Int32 {
    let text = FacetCommand.fullMessage(for: error)
    if FacetCommand.exitCode(for: error) == .success {
      Console.result(text)
      return 0
    }
    Console.complaint(text)
    return 2
  }

  private static func report(_ error: any Error, of command: any ParsableCommand.Type) -> Int32 {
    switch error {
    case let failure as SpecFailure:
      Console.complaint(failure.rendered(color: Console.errorIsTerminal), terminator: "")
      return 2
    case let failure as Refusal:
      Console.complaint("facet: \(failure.message)")
      return failure.exitCode
    case is StopRequest:
      Console.complaint("stopped; everything is saved, --resume goes on")
      return 130
    case is CleanExit, is ValidationError, is ExitCode:
      return answer(error)
    default:
      Console.complaint("facet: \(error)")
      return 1
    }
  }
}
