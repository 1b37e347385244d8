import ArgumentParser
import Spec
import Training

/// `facet import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a run of weights in the names of the reference implementation.",
    discussion: """
      Reads safetensors and PyTorch checkpoints (.pt); of the latter nothing is executed. Every shape is checked, and \
      tensors without a place are listed.
      """)

  @Argument(help: "The files of weights.", completion: .file())
  var weights: [String]

  @Option(help: "The spec that describes the model.", completion: .file(extensions: ["yaml", "yml"]))
  var spec: String

  @Option(name: .customLong("run"), help: "The folder of the run; it is created.", completion: .directory)
  var folder: String

  @Option(help: "What the files hold: tokenizer or generator.")
  var stage = Checkpoint.Stage.tokenizer

  @Option(help: "The dictionary to read of checkpoints that hold several, for example model or ema.")
  var section: String?

  func run() throws {
    let spec = try SpecArgument.load(spec)
    if stage == .generator && spec.generator == nil {
      throw Refusal.usage("\(self.spec) has no 'generator' section, so it has no place for a generator's weights")
    }
    let files = try weights.map { try ForeignWeights(path: $0) }
    let run = TrainingRun(spec, run: RunDirectory(folder), observer: ProgressDisplay())
    let report = try run.importWeights(
      files, stage: stage, section: section, classes: try ClassNames(spec).names)
    let source = report.section.map { " from '\($0)'" } ?? ""
    Console.result("\(stage.rawValue): \(report.filled) tensors\(source)")
    list("not in the files, fresh values kept", report.missing)
    list("without a place in the model", report.unused)
  }

  private func list(_ title: String, _ names: [String]) {
    guard !names.isEmpty else { return }
    Console.result("\(title) (\(names.count)):")
    for name in names.prefix(20) { Console.result("  \(name)") }
    if names.count > 20 { Console.result("  and \(names.count - 20) more") }
  }
}
