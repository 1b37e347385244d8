import Foundation
import Testing

/// Runs the built `facet` as a process of its own, as a user does.
struct Facet {
  /// What a run left.
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The executable, which is built beside the tests.
  static let executable: URL = {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let arguments = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let candidates = [tests, arguments].map { $0.appendingPathComponent("facet") }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? candidates[0]
  }()

  /// The working directory.
  var folder: String

  /// Runs a command line to its end.
  func callAsFunction(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Runs a command line to its end.
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    let process = try start(arguments, environment: environment)
    // Both streams are read to their end at once, so that neither fills up.
    let errors = Reader(process.errors)
    let output = process.output.fileHandleForReading.readDataToEndOfFile()
    process.process.waitUntilExit()
    return Result(
      status: process.process.terminationReason == .exit ? process.process.terminationStatus : -1,
      output: String(decoding: output, as: UTF8.self), errors: errors.text)
  }

  /// Starts a command line.
  func start(
    _ arguments: [String], environment changes: [String: String] = [:]
  ) throws -> (process: Process, output: Pipe, errors: Pipe) {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["FACET_THREADS"] = "1"
    environment.merge(changes) { $1 }
    process.environment = environment
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output, errors)
  }

  /// Reads a pipe on a thread of its own.
  final class Reader: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var data = Data()

    init(_ pipe: Pipe) {
      let handle = pipe.fileHandleForReading
      Thread { [self] in
        data = handle.readDataToEndOfFile()
        done.signal()
      }.start()
    }

    /// Everything, once the stream has ended; asked for once.
    var text: String {
      done.wait()
      return String(decoding: data, as: UTF8.self)
    }
  }
}
