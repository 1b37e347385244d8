import ArgumentParser
import Benchmark
import Foundation
import Planning
import Training

/// `facet train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a model: first the tokenizer, then the generator on its codes.",
    discussion: """
      Ctrl-C once saves a checkpoint and stops, twice stops at once. --resume goes on from the newest checkpoints of \
      the run, bit for bit as if it had never stopped.
      """)

  @OptionGroup var input: SpecArgument

  @Option(name: .customLong("run"), help: "The folder of the run; it is created.", completion: .directory)
  var folder: String

  @Option(help: "Train only this stage: tokenizer or generator.")
  var stage: Checkpoint.Stage?

  @Option(help: "Stop each stage after this many steps of its schedule.")
  var steps: Int?

  @OptionGroup var operands: PrecisionOptions

  @Flag(help: "Go on from the checkpoints of the run.")
  var resume = false

  func validate() throws {
    if let steps, steps < 1 { throw ValidationError("--steps is at least 1") }
  }

  func run() throws {
    let spec = operands.applied(to: try input.load())
    if stage == .generator && spec.generator == nil {
      throw Refusal.usage("\(input.spec) has no 'generator' section, so there is no generator to train")
    }
    Interruption.listen()
    let display = ProgressDisplay()
    let stages = stage.map { [$0] } ?? Checkpoint.Stage.allCases
    let directory = RunDirectory(folder)
    let began = ContinuousClock.now
    do {
      try TrainingRun(spec, run: directory, observer: display)
        .train(stages: Set(stages), resume: resume, stepLimit: steps)
    } catch let error as MemoryLimitError {
      throw MemoryLimitProblem.failure(error, spec: input.spec)
    }
    display.note("measuring the reconstructions")
    let results = try RunResults(of: directory) { display.note("facet: \($0)") }
    Console.result(EvaluationTable(results.evaluation).text)
    Console.result("")
    for path in results.pictures { Console.result(path) }
    let minutes = String(format: "%.1f", (ContinuousClock.now - began) / .seconds(60))
    display.note("done in \(minutes) minutes, peak memory \(PlanPrinter.bytes(ResidentMemory.peakByteCount))")
  }
}

extension Checkpoint.Stage: ExpressibleByArgument {}
