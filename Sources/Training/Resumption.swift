import Imaging
import Models
import Spec

/// What may be asked of a run that has checkpoints already.
struct Resumption {
  let spec: ModelSpec
  let run: RunDirectory
  let data: TrainingData

  /// Whether a stage has a checkpoint.
  func isStarted(_ stage: Checkpoint.Stage) -> Bool { !run.checkpoints(stage).isEmpty }

  /// The changes of the spec since the run was last trained, all of which may be made.
  ///
  /// - Throws: `TrainingError` naming every change that the checkpoints do not allow, and what stands there instead.
  func acceptedChanges() throws -> [SpecChange] {
    guard Checkpoint.Stage.allCases.contains(where: isStarted) else { return [] }
    let changes = SpecChange.all(from: try run.spec(), to: spec)
    let refused = changes.filter { change in
      Checkpoint.Stage.allCases.contains { isStarted($0) && !Self.allows(change, in: $0) }
    }
    guard refused.isEmpty else {
      throw TrainingError(
        description: "\(run.path) was trained with another spec, and its checkpoints do not fit this one:\n"
          + refused.map { "  \($0)\n" }.joined() + "undo these changes, or choose another --run")
    }
    return changes
  }

  /// Paths of which a stage's checkpoint depends: sizes, what is stored, and what decides the order of the data.
  private static let fixed: [Checkpoint.Stage: [String]] = [
    .tokenizer: [
      "image", "tokenizer.encoder", "tokenizer.adapter", "tokenizer.codebooks", "tokenizer.quantizer.kind", "teachers",
      "losses.adversarial.discriminator", "losses.representation.layers", "training.seed",
      "training.tokenizer.batch", "training.tokenizer.ema",
    ],
    .generator: [
      "generator", "training.generator.batch", "training.generator.ema", "training.generator.crops",
    ],
  ]

  private static func allows(_ change: SpecChange, in stage: Checkpoint.Stage) -> Bool {
    let path = change.path
    // Dropout has no storage.
    if path.hasSuffix("dropout") { return true }
    // A discriminator that comes or goes has no checkpoint to fit.
    if path.hasPrefix("losses.adversarial.discriminator."), change.old == nil || change.new == nil { return true }
    return !(fixed[stage] ?? []).contains { path == $0 || path.hasPrefix($0 + ".") || path.hasPrefix($0 + "[") }
  }

  /// Labels must have a row in the generator's class table.
  func checkClasses() throws {
    if let classes = spec.generator?.classes, classes < data.folder.classes.count {
      throw TrainingError(
        description: "\(data.folder.path) has \(data.folder.classes.count) class folders, but generator.classes "
          + "is \(classes); raise it, or remove it to have the folders counted")
    }
    if isStarted(.generator), let known = try? run.classes(), known != data.folder.classes {
      throw TrainingError(
        description: "\(data.folder.path) has other class folders than the generator in \(run.path) was trained on")
    }
  }

  /// A tokenizer that goes on would leave a generator behind that was trained on codes of the old one.
  func checkGeneratorIsNotAhead(of steps: Int) throws {
    guard isStarted(.generator), let tokenizer = run.checkpoints(.tokenizer).last, tokenizer.step < steps else {
      return
    }
    throw TrainingError(
      description: "the generator in \(run.path) was trained on codes of the tokenizer after step \(tokenizer.step); "
        + "remove its checkpoints to train the tokenizer on, or use --stage generator to leave the tokenizer as it is")
  }

  /// The last step whose line in the log stays; nil starts the log anew.
  func lastLoggedStep(tokenizerSteps: Int) -> Int? {
    if let newest = run.checkpoints(.generator).last { return tokenizerSteps + newest.step }
    return run.checkpoints(.tokenizer).last?.step
  }
}
