import Foundation
import Testing

@testable import Training

/// A run is a function of its spec: neither interruptions nor the number of threads show in the weights or in the log.
struct ReproducibilityTests {
  /// Stops inside an epoch, between checkpoints, once in each stage.
  @Test func aResumedRunEqualsAnUninterruptedOne() throws {
    let model = try TinyModel()
    let (whole, broken) = (model.run("whole"), model.run("broken"))
    try model.train(whole)
    #expect(throws: StopRequest.self) { try model.train(broken, observer: Witness(stopAfter: 4)) }
    #expect(broken.checkpoints(.tokenizer).map(\.step) == [3, 4])
    #expect(broken.checkpoints(.generator).isEmpty)
    #expect(throws: StopRequest.self) { try model.train(broken, resume: true, observer: Witness(stopAfter: 8)) }
    #expect(broken.checkpoints(.generator).map(\.step) == [3, 5])
    let last = Witness()
    try model.train(broken, resume: true, observer: last)
    #expect(last.notes.contains("generator: goes on after step 5"))
    for stage in Checkpoint.Stage.allCases {
      #expect(try model.checkpoint(whole, stage) == model.checkpoint(broken, stage), "\(stage)")
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: whole.codesPath))
        == Data(contentsOf: URL(fileURLWithPath: broken.codesPath)))
    #expect(try model.log(whole) == model.log(broken))
    #expect(try model.log(whole).count == 14)
  }

  /// A kill leaves the log ahead of the checkpoint, and a temporary file.
  @Test func aKilledRunGoesOnFromItsCheckpoint() throws {
    let model = try TinyModel()
    let (whole, killed) = (model.run("whole"), model.run("killed"))
    try model.train(whole, stages: [.tokenizer])
    try model.train(killed, stages: [.tokenizer], stepLimit: 6)
    for (step, path) in killed.checkpoints(.tokenizer) where step > 3 {
      try FileManager.default.removeItem(atPath: path)
    }
    try model.train(killed, stages: [.tokenizer], resume: true)
    #expect(try model.checkpoint(whole, .tokenizer) == model.checkpoint(killed, .tokenizer))
    #expect(try model.log(whole) == model.log(killed))
  }

  @Test(arguments: [2, 3]) func theNumberOfThreadsDoesNotShow(threads: Int) throws {
    let model = try TinyModel()
    let (one, several) = (model.run("one"), model.run("several"))
    try model.train(one, threads: 1)
    try model.train(several, threads: threads)
    for stage in Checkpoint.Stage.allCases {
      #expect(try model.checkpoint(one, stage) == model.checkpoint(several, stage), "\(stage)")
    }
    #expect(try model.log(one) == model.log(several))
  }

  @Test func theSeedShows() throws {
    let model = try TinyModel()
    var other = model.spec
    other.training.seed += 1
    try model.train(model.run("a"), stages: [.tokenizer])
    try model.train(model.run("b"), other, stages: [.tokenizer])
    #expect(try model.checkpoint(model.run("a"), .tokenizer) != model.checkpoint(model.run("b"), .tokenizer))
  }
}
