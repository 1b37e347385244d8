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
        try ThreadsVariable.check()
        try command.run()
        return 0
      } catch {
        return report(error)
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

  private static func report(_ error: any Error) -> Int32 {
    func complain(_ text: String, _ code: Int32) -> Int32 {
      Console.complaint(text)
      return code
    }
    switch error {
    case let code as ExitCode: return code.rawValue
    case let failure as SpecFailure:
      return complain(failure.rendered(color: Console.errorIsTerminal), 2)
    case let refusal as Refusal: return complain("facet: \(refusal.message)", refusal.exitCode)
    case is NotARun, is NoGeneratorError: return complain("facet: \(error)", 2)
    case is StopRequest: return complain("stopped; everything is saved, --resume goes on", 130)
    default:
      // The parser answers `help` and --help by errors, too.
      return FacetCommand.exitCode(for: error) == .failure ? complain("facet: \(error)", 1) : answer(error)
    }
  }
}
