import Foundation
import Imaging
import Models
import Spec
import Storage

/// A whole run: the tokenizer, codes of all images, the generator.
public struct TrainingRun {
  /// The model.
  public let spec: ModelSpec
  /// Where everything goes.
  public let run: RunDirectory
  /// Who watches.
  public let observer: any TrainingObserver

  /// A run of a spec into a folder.
  public init(_ spec: ModelSpec, run: RunDirectory, observer: any TrainingObserver) {
    self.spec = spec
    self.run = run
    self.observer = observer
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - stages: The stages to train; the generator needs a trained tokenizer in the run.
  ///   - resume: Whether to go on from the run's checkpoints.
  ///   - stepLimit: Stops each stage after this many steps of its schedule.
  public func train(stages: Set<Checkpoint.Stage>, resume: Bool, stepLimit: Int?) throws {
    try run.create()
    if !resume,
      let stage = Checkpoint.Stage.allCases.first(where: { stages.contains($0) && !run.checkpoints($0).isEmpty })
    {
      throw TrainingError(
        description:
          "\(run.path) already holds a trained \(stage.rawValue); add --resume to go on, or choose another --run")
    }
    let lock = try FolderLock(folder: run.path)
    defer { withExtendedLifetime(lock) {} }
    try AtomicFile.write(SpecPrinter.yaml(spec), to: run.specPath)
    let data = try TrainingData(spec)
    try AtomicFile.write(data.folder.classes.joined(separator: "\n") + "\n", to: run.classesPath)
    let session = try ModelSession(spec)
    let tokenizerSteps = spec.training.tokenizer.totalSteps(samples: data.folder.count)
    let log = try JSONLinesLog(path: run.metricsPath, keepingUpTo: resume ? resumedStep(tokenizerSteps) : nil)
    if stages.contains(.tokenizer) {
      observer.note(
        "tokenizer: \(data.folder.count) images in \(data.folder.classes.count) classes, \(tokenizerSteps) steps")
      try TokenizerTrainer(session: session, data: data, run: run, observer: observer)
        .train(resume: resume, stepLimit: stepLimit, log: log)
    }
    guard stages.contains(.generator), spec.generator != nil else { return }
    try trainGenerator(session, data, resume: resume, stepLimit: stepLimit, firstStep: tokenizerSteps, log: log)
  }

  private func resumedStep(_ tokenizerSteps: Int) -> Int {
    if let newest = run.checkpoints(.generator).last { return tokenizerSteps + newest.step }
    return run.checkpoints(.tokenizer).last?.step ?? 0
  }

  private func trainGenerator(
    _ session: ModelSession, _ data: TrainingData, resume: Bool, stepLimit: Int?, firstStep: Int, log: JSONLinesLog
  ) throws {
    guard let tokenizer = run.checkpoints(.tokenizer).last else {
      throw TrainingError(
        description: "\(run.path) has no trained tokenizer, which the generator needs; train it with --stage tokenizer")
    }
    let codes: CodeSet
    try session.store.add(Tokenizer(spec).reconstructProgram(batch: 1))
    try Checkpoint.loadForInference(session.store, stage: .tokenizer, path: tokenizer.path)
    if resume && FileManager.default.fileExists(atPath: run.codesPath) && !run.checkpoints(.generator).isEmpty {
      codes = try CodeSet.load(run.codesPath, spec)
    } else {
      codes = try CodeSet.extract(session, data) { observer.note($0) }
      try codes.save(run.codesPath, books: spec.tokenizer.codebooks)
    }
    let steps = spec.training.generator.stage.totalSteps(samples: codes.count)
    observer.note("generator: codes of \(codes.count) crops, \(steps) steps")
    try GeneratorTrainer(session: session, codes: codes, classes: data.classCount, run: run, observer: observer)
      .train(resume: resume, stepLimit: stepLimit, firstStep: firstStep, log: log)
  }
}
