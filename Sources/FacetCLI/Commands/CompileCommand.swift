import ArgumentParser
import IR
import Models
import Ops
import Passes
import Planning
import Runtime
import Spec
import Storage
import Training

/// `facet compile`.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Optimizes and plans every program of a spec and prints what it costs, before anything runs.",
    discussion: """
      `facet compile --passes list` explains the passes. `--dump-after PASS` prints the program of --program as that \
      pass leaves it. Times are estimates: the arithmetic and the bytes of every operation against the peak that this \
      machine is measured to reach, which takes a moment; `facet bench` times for real.
      """)

  @Argument(help: "The specs, YAML files.", completion: .file(extensions: ["yaml", "yml"]))
  var specs: [String] = []

  @Option(name: .shortAndLong, help: "Only this program, in full, for example tokenizer.train.")
  var program: String?

  @Option(help: "Images per run of the programs that do not train.")
  var batch = 1

  @Option(
    help: "Bytes that a program may use, for example 8GiB or 500MB; training programs recompute what does not fit.")
  var memoryLimit: ByteCount?

  @OptionGroup var operands: PrecisionOptions

  @Flag(inversion: .prefixedNo, help: "Optimize programs before planning them.")
  var optimize = true

  @Flag(inversion: .prefixedNo, help: "Estimate how long a run of each program takes on this machine.")
  var time = true

  @Flag(help: "Verify the program after every pass.")
  var verify = false

  @Option(help: "Print --program as it is after this pass, or `lowering` for as built.")
  var dumpAfter: String?

  @Option(help: "`list` explains all passes.")
  var passes: PassesRequest?

  @Option(help: "Write plans, programs and graphs of the specs into this folder, for reading and review.")
  var writeGenerated: String?

  enum PassesRequest: String, ExpressibleByArgument, CaseIterable {
    case list
  }

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch is at least 1") }
    if specs.isEmpty && passes == nil { throw ValidationError("Missing expected argument '<specs>'") }
    if dumpAfter != nil && program == nil { throw ValidationError("--dump-after needs --program") }
  }

  func run() throws {
    if passes == .list { return Console.result(PassList.text, terminator: "") }
    if let writeGenerated { return try write(to: writeGenerated) }
    let estimate = time && dumpAfter == nil ? try TimeEstimate.ofThisMachine() : nil
    for (index, path) in specs.enumerated() {
      if specs.count > 1 { Console.result("\(index > 0 ? "\n" : "")\(path)") }
      do { try run(operands.applied(to: try SpecArgument.load(path)), estimate) } catch let error as MemoryLimitError {
        throw MemoryLimitProblem.failure(error, spec: path)
      }
    }
  }

  private func run(_ spec: ModelSpec, _ estimate: TimeEstimate?) throws {
    var programs = try ModelPrograms(spec)
    programs.batch = batch
    var compiler = ProgramCompiler(precision: OperandPrecision(spec.training.precision))
    compiler.optimizes = optimize
    compiler.verifies = verify
    compiler.memoryLimit = memoryLimit?.bytes ?? spec.training.memoryLimit.map { $0 << 20 }
    var reports: [CompilationReport] = []
    for name in program.map({ [$0] }) ?? programs.names {
      let built = try programs.named(name)
      if let dumpAfter { return try dump(built, after: dumpAfter, compiler) }
      reports.append(CompilationReport(try compiler.compile(built), estimate: estimate))
    }
    if program != nil, let only = reports.first {
      Console.result(only.text, terminator: "")
    } else {
      Console.result(CompilationTable(reports).text, terminator: "")
    }
    guard let memoryLimit else { return }
    let large = reports.map(\.statistics).filter { $0.totalByteCount > memoryLimit.bytes }
    if let worst = large.max(by: { $0.totalByteCount < $1.totalByteCount }) {
      throw Refusal.failed(
        "\(worst.program) needs \(PlanPrinter.bytes(worst.totalByteCount)), more than the limit of \(memoryLimit)")
    }
  }

  private func dump(_ program: Program, after pass: String, _ compiler: ProgramCompiler) throws {
    let printer = ProgramPrinter(showsScopes: true)
    if pass == "lowering" { return Console.result(printer.print(program), terminator: "") }
    let pipeline = Pipeline.of(program, precision: compiler.precision)
    guard pipeline.allPasses.contains(where: { $0.pass.name == pass }) else {
      let known = pipeline.allPasses.map(\.pass.name).joined(separator: ", ")
      throw Refusal.usage("there is no pass '\(pass)' in the \(pipeline.name) pipeline; it has lowering, \(known)")
    }
    // A pass that stands in a pipeline twice is shown after its last run.
    var text = ""
    _ = try compiler.compile(program) { report, program in
      if report.pass == pass { text = printer.print(program) }
    }
    Console.result(text, terminator: "")
  }

  private func write(to folder: String) throws {
    try OutputFolder.create(folder)
    var files = [GeneratedFiles.schema]
    for path in specs { files += try GeneratedFiles.files(try SpecArgument.load(path)) }
    for file in files {
      let path = "\(folder)/\(file.path)"
      try OutputFolder.create(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      try AtomicFile.write(file.contents, to: path)
    }
  }
}

/// The passes in words.
enum PassList {
  static var text: String {
    [Pipeline.inference(.bf16), .training(.bf16)].map { pipeline in
      "\(pipeline.name)\n"
        + pipeline.allPasses.enumerated().map { index, placed in
          "  \(index + 1). \(placed.pass.name): \(placed.pass.summary)\n     \(placed.reason)\n"
        }.joined()
    }.joined(separator: "\n")
  }
}
