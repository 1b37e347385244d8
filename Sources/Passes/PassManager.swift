import IR

/// A pass that broke a program or misreported what it did.
public struct PassError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Pass, program and reason.
  public var description: String
}

/// What one pass did to one program.
public struct PassReport: Hashable, Sendable, Codable {
  /// The pass.
  public var pass: String
  /// Whether it changed the program.
  public var changed: Bool
  /// Operations before it ran.
  public var operationsBefore: Int
  /// Operations after it ran.
  public var operationsAfter: Int
  /// How long it took.
  public var seconds: Double
}

/// Runs pipelines.
public struct PassManager: Sendable {
  /// Whether the program is verified after every pass and the reported change is compared with the real one. Debug
  /// builds always do.
  public var verifies: Bool

  /// A manager.
  public init(verifies: Bool = false) {
    #if DEBUG
      self.verifies = true
    #else
      self.verifies = verifies
    #endif
  }

  /// Runs all passes of a pipeline in order, on one program that keeps its work on weights.
  @discardableResult
  public func run(_ pipeline: Pipeline, on program: inout Program) throws(PassError) -> [PassReport] {
    try run(pipeline.allPasses, on: &program)
  }

  /// Runs passes in order.
  ///
  /// - Parameters:
  ///   - passes: The passes.
  ///   - program: Rewritten in place.
  ///   - observe: Sees the program after every pass.
  /// - Returns: One report per pass.
  /// - Throws: `PassError` if a pass breaks the program or misreports a change; only when verifying.
  @discardableResult
  public func run(
    _ passes: [PlacedPass], on program: inout Program, observe: (PassReport, Program) -> Void = { _, _ in }
  ) throws(PassError) -> [PassReport] {
    var reports: [PassReport] = []
    for placed in passes {
      let pass = placed.pass
      let before = verifies ? Fingerprint(program) : nil
      let count = program.operations.count
      let start = ContinuousClock.now
      let changed = pass.run(on: &program)
      let report = PassReport(
        pass: pass.name, changed: changed, operationsBefore: count, operationsAfter: program.operations.count,
        seconds: (ContinuousClock.now - start) / .seconds(1))
      if let before {
        let place = "pass \(pass.name) on @\(program.name)"
        do { try program.verify() } catch { throw PassError(description: "\(place): \(error)") }
        guard (before != Fingerprint(program)) == changed else {
          throw PassError(description: "\(place) says that it \(changed ? "changed" : "did not change") the program")
        }
      }
      reports.append(report)
      observe(report, program)
    }
    return reports
  }
}

/// What a program computes, free of the numbering of its values: equal for programs that print alike.
private struct Fingerprint: Equatable {
  private var text: String

  init(_ program: Program) { text = ProgramPrinter(showsScopes: true).print(program) }
}
