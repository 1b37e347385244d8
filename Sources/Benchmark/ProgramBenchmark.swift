import IR
import Models
import Passes
import Planning
import Runtime
import Training

/// Times a whole program of a spec and each of its instructions.
public struct ProgramBenchmark {
  /// What a program took.
  public struct Result: Sendable {
    /// Name of the program.
    public var name: String
    /// Its times without a profile.
    public var timing: Timing
    /// What runs.
    public var plan: Plan
    /// Time by kind of operation.
    public var profile: ProgramProfile
    /// The largest resident size of the process from compilation to the last run; programs timed before leave their weights.
    public var peakResidentByteCount: Int
  }

  private let session: ModelSession
  /// The weights of programs that do not train.
  private let fixed: ModelSession
  private let programs: ModelPrograms
  private let budget: Double

  /// A benchmark that spends about `budget` seconds on each program.
  public init(_ session: ModelSession, programs: ModelPrograms, budget: Double) {
    self.session = session
    fixed = ModelSession(sharing: session)
    fixed.fixWeights()
    self.programs = programs
    self.budget = budget
  }

  /// Compiles and times a program; nil for a name that the spec does not have.
  public func run(_ name: String) throws -> Result? {
    ResidentMemory.forgetPeak()
    guard let program = try programs.program(name) else { return nil }
    let decodes = name == "generator.prefill" || name == "generator.step"
    let user = Pipeline.trains(program) ? session : fixed
    let executable = try decodes ? user.compileDecoding(program) : user.compile(program)
    let bound = name == "generator.step" ? session.spec.tokens : programs.classes
    var filler = InputFiller(executable, spec: session.spec, integerBound: bound)
    let timing = try Timing(budget: budget) {
      try filler.fill()
    } body: {
      executable.run()
    }
    var profile = ProgramProfile(executable)
    for _ in 0..<min(5, timing.wall.count) {
      try filler.fill()
      profile.measure(executable)
    }
    return Result(
      name: name, timing: timing, plan: executable.plan, profile: profile,
      peakResidentByteCount: ResidentMemory.peakByteCount)
  }
}
