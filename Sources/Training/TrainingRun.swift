import Foundation
import Models
import Runtime
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

  /// Makes a run of weights that another program trained: a checkpoint after 0 steps, from which training can go on.
  ///
  /// - Parameters:
  ///   - stage: What the files hold.
  ///   - section: The dictionary to read of checkpoints that hold several.
  public func importWeights(
    _ files: [ForeignWeights], stage: Checkpoint.Stage, section: String?, classes: [String]
  ) throws -> WeightExchange.Report {
    let session = try ModelSession(spec)
    switch stage {
    case .tokenizer:
      try TokenizerStep.addSymbols(to: session, batch: spec.training.tokenizer.accumulate, totalSteps: 1)
    case .generator:
      guard let generator = Generator(spec, classes: spec.classCount(of: classes)) else {
        throw TrainingError(description: "the spec '\(spec.name)' has no generator")
      }
      try session.add(
        generator.trainProgram(batch: spec.training.generator.stage.accumulate, totalSteps: 1))
    }
    let report = try WeightExchange(spec).load(files, into: session.store, stage: stage, section: section)
    try run.create()
    guard run.checkpoints(stage).isEmpty else {
      throw TrainingError(description: "\(run.path) already holds a trained \(stage.rawValue); choose another --run")
    }
    let lock = try FolderLock(folder: run.path)
    defer { withExtendedLifetime(lock) {} }
    try AtomicFile.write(SpecPrinter.yaml(spec), to: run.specPath)
    try AtomicFile.write(classes.joined(separator: "\n") + "\n", to: run.classesPath)
    try Checkpoint.save(
      session.store, stage: stage, step: 0, path: run.checkpointPath(stage, step: 0), name: spec.name)
    return report
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - stages: The stages to train; the generator needs a trained tokenizer in the run.
  ///   - resume: Whether to go on from the run's checkpoints.
  ///   - stepLimit: Stops each stage after this many steps of its schedule.
  ///   - threadCount: Worker threads; nil for one per processor.
  public func train(
    stages: Set<Checkpoint.Stage>, resume: Bool, stepLimit: Int? = nil, threadCount: Int? = nil
  ) throws {
    let data = try TrainingData(spec)
    let tokenizerSteps = spec.training.tokenizer.totalSteps(samples: data.folder.count)
    if stages.contains(.tokenizer) {
      try LengthCheck.warmup(.tokenizer, spec.training.tokenizer, steps: tokenizerSteps)
      try LengthCheck.schedules(spec, steps: tokenizerSteps)
      try LengthCheck.discriminator(spec, steps: tokenizerSteps)
    }
    let resumption = Resumption(spec: spec, run: run, data: data)
    try run.create()
    let lock = try FolderLock(folder: run.path)
    defer { withExtendedLifetime(lock) {} }
    if resume {
      for change in try resumption.acceptedChanges() { observer.note("changed since the last time: \(change)") }
    } else if let stage = stages.sorted(by: { $0.rawValue > $1.rawValue }).first(where: resumption.isStarted) {
      throw TrainingError(
        description: "\(run.path) already holds a trained \(stage.rawValue); "
          + "add --resume to go on, or choose another --run")
    }
    try resumption.checkClasses()
    if stages.contains(.tokenizer) {
      try resumption.checkGeneratorIsNotAhead(of: min(tokenizerSteps, stepLimit ?? .max))
    }
    try AtomicFile.write(SpecPrinter.yaml(spec), to: run.specPath)
    try AtomicFile.write(data.folder.classes.joined(separator: "\n") + "\n", to: run.classesPath)
    for remark in data.remarks { observer.note(remark) }
    let log = try JSONLinesLog(
      path: run.metricsPath, keepingUpTo: resumption.lastLoggedStep(tokenizerSteps: tokenizerSteps))
    // A session per stage: the second needs the tokenizer's weights, but not what only its training used.
    let session = try ModelSession(spec, threadCount: threadCount)
    if stages.contains(.tokenizer) {
      observer.note(
        "tokenizer: \(data.folder.count) images in \(data.folder.classes.count) classes, \(tokenizerSteps) steps")
      try TokenizerTrainer(session: ModelSession(sharing: session), data: data, run: run, observer: observer)
        .train(resume: resume, stepLimit: stepLimit, log: log)
    }
    guard stages.contains(.generator), spec.generator != nil else { return }
    if observer.wantsStop { throw StopRequest() }
    try trainGenerator(session, data, resume: resume, stepLimit: stepLimit, firstStep: tokenizerSteps, log: log)
  }

  private func trainGenerator(
    _ session: ModelSession, _ data: TrainingData, resume: Bool, stepLimit: Int?, firstStep: Int, log: JSONLinesLog
  ) throws {
    guard let tokenizer = run.checkpoints(.tokenizer).last else {
      throw TrainingError(
        description: "\(run.path) has no trained tokenizer, which the generator needs; train it with --stage tokenizer")
    }
    try session.add(Tokenizer(spec).reconstructProgram(batch: 1))
    let step = try Checkpoint.loadForInference(session.store, stage: .tokenizer, path: tokenizer.path)
    let codes = try codes(session, data, tokenizerStep: step, mayReuse: resume)
    let steps = spec.training.generator.stage.totalSteps(samples: codes.count)
    try LengthCheck.warmup(.generator, spec.training.generator.stage, steps: steps)
    observer.note("generator: codes of \(codes.count) views, \(steps) steps")
    try GeneratorTrainer(session: session, codes: codes, classes: data.classCount, run: run, observer: observer)
      .train(resume: resume, stepLimit: stepLimit, firstStep: firstStep, log: log)
  }

  /// The codes of the run if they are those of this tokenizer, else new ones.
  private func codes(
    _ session: ModelSession, _ data: TrainingData, tokenizerStep: Int, mayReuse: Bool
  ) throws -> CodeSet {
    if mayReuse, FileManager.default.fileExists(atPath: run.codesPath) {
      let known = try CodeSet.load(run.codesPath, spec)
      if known.tokenizerStep == tokenizerStep { return known }
      if !run.checkpoints(.generator).isEmpty {
        throw TrainingError(
          description: "\(run.codesPath) holds codes of the tokenizer after step "
            + "\(known.tokenizerStep.map(String.init) ?? "?"), but the newest is of step \(tokenizerStep); "
            + "remove the generator's checkpoints to train it anew")
      }
    }
    observer.note("generator: encoding \(data.folder.count) images")
    let codes = try CodeSet.extract(
      session, data, crops: spec.training.generator.crops, tokenizerStep: tokenizerStep,
      shouldStop: { observer.wantsStop }, onUnreadable: { observer.note($0) })
    try codes.save(run.codesPath, books: spec.tokenizer.codebooks)
    return codes
  }
}
