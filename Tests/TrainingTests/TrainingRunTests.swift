import Foundation
import Spec
import Storage
import Testing

@testable import Training

/// What a run refuses, what it reports, and what it leaves behind.
struct TrainingRunTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test func aTrainedRunIsNotOverwritten() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run, stages: [.tokenizer], stepLimit: 1)
    let before = try model.checkpoint(run, .tokenizer)
    let text = message { try model.train(run) }
    #expect(text.contains("already holds a trained tokenizer") && text.contains("--resume"))
    #expect(try model.checkpoint(run, .tokenizer) == before)
  }

  /// Ten images in batches of four are three steps an epoch, which only the data tells.
  @Test func whatNeverBeginsInSomeEpochsIsRefused() throws {
    let model = try TinyModel()
    let run = model.run("run")
    var spec = model.spec
    spec.training.tokenizer.length = .epochs(1)
    spec.losses.reconstruction.schedule = WeightSchedule(kind: .linear, start: 2)
    #expect(
      message { try model.train(run, spec) }
        .contains("`losses.reconstruction` would never begin: its schedule waits for step 2 of a run of 3 steps"))
    spec.losses.reconstruction.schedule.start = 1
    spec.training.tokenizer.schedule.warmup = 3
    #expect(message { try model.train(run, spec) }.contains("the warm-up of 3 steps does not end within the 3 steps"))
    spec.training.tokenizer.schedule.warmup = 1
    spec.losses.adversarial = AdversarialSpec(start: .step(3))
    #expect(
      message { try model.train(run, spec) }.contains("the discriminator would start at step 3 of a run of 3 steps"))
    spec.losses.adversarial = nil
    #expect(!FileManager.default.fileExists(atPath: run.path))
    spec.training.generator.crops = .single
    spec.training.generator.stage.length = .epochs(1)
    spec.training.generator.stage.schedule.warmup = 3
    #expect(message { try model.train(run, spec) }.contains("within the 3 steps of the generator"))
    spec.training.generator.stage.schedule.warmup = 1
    try model.train(run, spec, resume: true)
  }

  @Test func resumeNamesEveryChangeThatTheCheckpointsDoNotAllow() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run, stages: [.tokenizer], stepLimit: 1)
    var spec = model.spec
    spec.tokenizer.codebooks[0].size = 32
    spec.training.tokenizer.batch = 2
    spec.training.tokenizer.logEvery = 5
    let text = message { try model.train(run, spec, resume: true) }
    #expect(text.contains("tokenizer.codebooks[0].size: 16 -> 32"))
    #expect(text.contains("training.tokenizer.batch: 4 -> 2"))
    #expect(!text.contains("log_every"))
  }

  @Test func resumeAcceptsAndReportsOtherChanges() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run, stages: [.tokenizer], stepLimit: 1)
    var spec = model.spec
    spec.training.tokenizer.optimizer.learningRate = 1e-3
    spec.generator?.width = 32  // No generator is trained yet.
    let witness = Witness()
    try model.train(run, spec, resume: true, observer: witness)
    #expect(
      witness.notes.contains("changed since the last time: training.tokenizer.optimizer.learning_rate: 0.0002 -> 0.001")
    )
    #expect(witness.notes.contains("changed since the last time: generator.width: 16 -> 32"))
    #expect(try run.spec() == spec)
  }

  /// Rounded operands change a step a little and the course of training not at all.
  @Test func bf16TrainsLikeF32() throws {
    let model = try TinyModel()
    var spec = model.spec
    spec.training.tokenizer.length = .steps(40)
    spec.training.generator.stage.length = .steps(40)
    // Runs of so small a model differ by chance, whatever the reason; several together tell.
    var sums = [SIMD2<Double>](repeating: SIMD2(), count: 2)
    for seed in 0..<4 {
      spec.training.seed = seed
      var curves: [[Double]] = []
      for precision in [TrainingSpec.Precision.f32, .bf16] {
        spec.training.precision = precision
        let run = model.run("\(precision.rawValue)-\(seed)")
        let witness = Witness()
        try model.train(run, spec, observer: witness)
        #expect(try run.spec().training.precision == precision)
        curves.append(witness.reports.compactMap { $0.measures.first?.value })
      }
      #expect(curves[0].count == 80 && curves[1].count == 80)
      #expect(curves[0] != curves[1], "nothing was rounded")
      for (index, curve) in curves.enumerated() {
        sums[index] += SIMD2(curve.prefix(40).suffix(10).reduce(0, +), curve.suffix(10).reduce(0, +)) / 40
      }
    }
    for stage in 0..<2 { #expect(abs(sums[0][stage] - sums[1][stage]) < 0.05 * sums[0][stage], "\(sums)") }
  }

  /// Only rounding differs, which a few steps do not make large.
  @Test func strictTrainsLikeF32() throws {
    let model = try TinyModel()
    var spec = model.spec
    var curves: [[Double]] = []
    for precision in [TrainingSpec.Precision.f32, .strict] {
      spec.training.precision = precision
      let run = model.run(precision.rawValue)
      let witness = Witness()
      try model.train(run, spec, observer: witness)
      #expect(try run.spec().training.precision == precision)
      curves.append(witness.reports.compactMap { $0.measures.first?.value })
    }
    #expect(curves[0].count > 8 && curves[0].count == curves[1].count)
    #expect(curves[0] != curves[1], "sums were rounded alike")
    for (fast, strict) in zip(curves[0], curves[1]) { #expect(abs(fast - strict) < 1e-3 * strict, "\(curves)") }
  }

  @Test func theTokenizerDoesNotLeaveItsGeneratorBehind() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run, stepLimit: 1)
    #expect(message { try model.train(run, resume: true) }.contains("codes of the tokenizer after step 1"))
    try model.train(run, stages: [.generator], resume: true)
    #expect(run.checkpoints(.generator).last?.step == 7)
  }

  @Test func theGeneratorNeedsATokenizer() throws {
    let model = try TinyModel()
    #expect(message { try model.train(model.run("run"), stages: [.generator]) }.contains("has no trained tokenizer"))
  }

  @Test func tooFewClassesAreRefused() throws {
    let model = try TinyModel()
    var spec = model.spec
    spec.generator?.classes = 1
    #expect(message { try model.train(model.run("run"), spec) }.contains("2 class folders, but generator.classes is 1"))
  }

  @Test func aDivergedRunStopsBeforeItSavesAnything() throws {
    let model = try TinyModel()
    let run = model.run("run")
    var spec = model.spec
    spec.training.tokenizer.optimizer.learningRate = 1e30
    spec.training.tokenizer.schedule = ScheduleSpec()
    let text = message { try model.train(run, spec, stages: [.tokenizer]) }
    #expect(text.contains("training diverged at step 2"))
    #expect(run.checkpoints(.tokenizer).isEmpty)
  }

  @Test func twoProcessesDoNotShareARun() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try run.create()
    let lock = try FolderLock(folder: run.path)
    #expect(message { try model.train(run) }.contains("is using it"))
    withExtendedLifetime(lock) {}
  }

  @Test func oldCheckpointsAreRemoved() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run, stages: [.tokenizer])
    #expect(run.checkpoints(.tokenizer).map(\.step) == [6, 7])
    #expect(FileManager.default.fileExists(atPath: run.samplesPath + "/tokenizer-6.png"))
  }

  @Test func unreadablePicturesAreLeftOutOrEndTheRunAsTheSpecSays() throws {
    let model = try TinyModel()
    let broken = "\(model.folder)/images/bars/2.png"
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: broken))
    let witness = Witness()
    try model.train(model.run("skip"), observer: witness)
    // Once while the tokenizer trains, once while codes are extracted.
    #expect(witness.notes.filter { $0.contains(broken) }.count == 2)
    #expect(try CodeSet.load(model.run("skip").codesPath, model.spec).count == 90)
    var spec = model.spec
    spec.data?.onError = .fail
    #expect(message { try model.train(model.run("fail"), spec) }.contains(broken))
  }

  @Test func resultsOfARunAreMeasuredAndDrawn() throws {
    let model = try TinyModel()
    let run = model.run("run")
    try model.train(run)
    let results = try RunResults(of: run) { Issue.record("\($0)") }
    #expect(results.pictures == [run.reconstructionsPath, run.classSheetPath])
    #expect(results.pictures.allSatisfy(FileManager.default.fileExists))
    #expect(results.evaluation.procedure.compared == 10)
    #expect(results.evaluation.procedure.tokenizerStep == 7)
    #expect(results.evaluation.psnr > 0 && results.evaluation.psnr < 60)
    #expect(results.evaluation.books.map(\.name) == ["first", "second"])
    #expect(try String(contentsOfFile: run.evaluationPath, encoding: .utf8).contains("\"tokenizer_step\" : 7"))
  }
}
