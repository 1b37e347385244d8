import ArgumentParser
import Benchmark
import Models
import Passes
import Runtime
import Spec
import Storage
import Training

/// `facet bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Times single operations, or with a spec its programs, and compares with the machine's peak.",
    discussion: """
      Shares are of the multiply-adds and of the read bandwidth that the machine was measured to reach just before. \
      Convolutions count as direct ones, so that those computed in fewer operations can pass 100 %. `cpu` is the \
      processor time of the calling thread: with --threads 1 it leaves out what other programs took.
      """)

  @Argument(
    help: "A spec whose programs are timed; without one, single operations.",
    completion: .file(extensions: ["yaml", "yml"]))
  var spec: String?

  @Option(name: .shortAndLong, help: "Only programs (or operations) whose name contains this; may be repeated.")
  var program: [String] = []

  @Option(help: "Threads; by default one per processor.")
  var threads: Int?

  @Flag(inversion: .prefixedNo, help: "Optimize programs before timing them.")
  var optimize = true

  @Option(help: "Images per run of the programs that do not train.")
  var batch = 1

  @OptionGroup var storage: WeightOptions
  @OptionGroup var operands: PrecisionOptions

  @Option(help: "Seconds to spend on each program or operation.")
  var seconds = 2.0

  @Option(help: "Kinds of operations to list under each program.")
  var top = 10

  @Option(help: "Write the profile of the program in Chrome trace format to this file.", completion: .file())
  var profile: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print shapes and sizes as JSON, to run the same in another framework, and time nothing.")
  var peer = false

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch is at least 1") }
    if top < 0 { throw ValidationError("--top is at least 0") }
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads is from 1 to 1024") }
    if !seconds.isFinite || seconds < 0 { throw ValidationError("--seconds is a number of at least 0") }
    if profile != nil && spec == nil { throw ValidationError("--profile needs a spec") }
  }

  func run() throws {
    if let spec {
      try run(operands.applied(to: try SpecArgument.load(spec)))
    } else {
      try runOperations()
    }
  }

  private func isWanted(_ name: String) -> Bool { program.isEmpty || program.contains { name.contains($0) } }

  private func check(_ chosen: [String], of all: [String]) throws {
    guard chosen.isEmpty else { return }
    throw Refusal.usage(
      "nothing is called '\(program.joined(separator: "' or '"))'; there is \(all.joined(separator: ", "))")
  }

  private func runOperations() throws {
    let cases = OperationCase.all.filter { isWanted($0.name) }
    try check(cases.map(\.name), of: OperationCase.all.map(\.name))
    if peer { return Console.result(BenchReport.peer(cases).text) }
    let (pool, kernels) = (ThreadPool(threadCount: threads), try KernelSelection())
    let peak = MachinePeak(pool: pool, kernels: kernels)
    let benchmark = OperationBenchmark(
      pool: pool, kernels: kernels, budget: seconds, precision: operands.precision ?? .f32)
    let report = BenchReport(peak: peak, threads: pool.threadCount, instructionSet: kernels.instructionSet)
    let results = try cases.map { try benchmark.run($0) }
    Console.result(json ? report.json(results).text + "\n" : report.text(results), terminator: "")
  }

  private func run(_ spec: ModelSpec) throws {
    var programs = try ModelPrograms(spec)
    programs.batch = batch
    let names = programs.names.filter(isWanted)
    try check(names, of: programs.names)
    if peer { return Console.result(try BenchReport.peer(programs, names).text) }
    if profile != nil && names.count != 1 {
      throw Refusal.usage("--profile needs one --program of \(names.joined(separator: ", "))")
    }
    let weights = storage.weights ?? WeightStorage(following: spec.training.precision)
    let session = try ModelSession(spec, threadCount: threads, weights: weights)
    session.compiler.optimizes = optimize
    let peak = MachinePeak(pool: session.pool, kernels: session.kernels)
    let benchmark = ProgramBenchmark(session, programs: programs, budget: seconds)
    let report = BenchReport(
      peak: peak, threads: session.pool.threadCount, instructionSet: session.kernels.instructionSet)
    var results: [ProgramBenchmark.Result] = []
    for name in names {
      guard let result = try benchmark.run(name) else { continue }
      results.append(result)
      if let profile { try AtomicFile.write(result.profile.chromeTrace(program: name), to: profile) }
    }
    Console.result(json ? report.json(results, top: top).text + "\n" : report.text(results, top: top), terminator: "")
  }
}
