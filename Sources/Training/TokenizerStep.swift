import IR
import Models
import Runtime
import Spec

/// The programs of one training step of the tokenizer: teachers, the step itself, the discriminator's half. Which of them
/// run depends on the step: before the adversarial loss begins there is no trace of a discriminator.
final class TokenizerStep {
  private let session: ModelSession
  private let tokenizer: Tokenizer
  private let totalSteps: Int
  private let start: Int?
  private var program: Executable?
  private var plays = false
  private var discriminator: Executable?
  private let teachers: [TeacherRunner]
  private var batch: Int { session.spec.training.tokenizer.batch }

  /// Creates all symbols of the stage and reads the weights of frozen networks.
  init(_ session: ModelSession, totalSteps: Int, cacheFolder: String) throws {
    self.session = session
    self.totalSteps = totalSteps
    let spec = session.spec
    tokenizer = Tokenizer(spec)
    start = tokenizer.adversarialStart(totalSteps: totalSteps)
    if let start, start >= totalSteps {
      throw TrainingError(
        description:
          "the discriminator would start at step \(start) of a run of \(totalSteps) steps, that is never; write a share "
          + "of the run, for example `start: 0.4`")
    }
    let batch = spec.training.tokenizer.batch
    // All symbols from the start, so that any checkpoint of the stage holds all of them.
    try session.store.add(
      tokenizer.trainProgram(batch: batch, totalSteps: totalSteps, adversarial: start != nil))
    if let program = try tokenizer.discriminatorProgram(batch: batch, totalSteps: totalSteps) {
      try session.store.add(program)
    }
    if let perceptual = spec.losses.perceptual, perceptual.weight > 0 {
      try FrozenWeights.loadPerceptual(session.store, path: perceptual.weights)
    }
    teachers = try tokenizer.teachers.map { try TeacherRunner(session, $0, batch: batch, cacheFolder: cacheFolder) }
  }

  /// Trains on a batch of pixels [B, H, W, 3]; `step` counts from 0.
  func run(_ pixels: UnsafeMutableBufferPointer<Float>, step: Int) throws {
    let program = try current(step)
    for teacher in teachers {
      try teacher.write(pixels, to: try program.input("teacher.\(teacher.spec.name)"))
    }
    _ = try program.input("image").update(from: pixels)
    if program.hasInput("key") {
      let key = try program.integerInput("key")
      key[0] = Int32(truncatingIfNeeded: session.spec.training.seed)
      key[1] = Int32(truncatingIfNeeded: step)
    }
    program.run()
    guard plays, let discriminator else { return }
    _ = try discriminator.input("image").update(from: pixels)
    _ = try discriminator.input("reconstruction").update(from: program.output("reconstruction"))
    discriminator.run()
  }

  private func current(_ step: Int) throws -> Executable {
    let begun = start.map { step >= $0 } ?? false
    if let program, begun == plays { return program }
    program = nil
    let compiled = try session.compile(
      tokenizer.trainProgram(batch: batch, totalSteps: totalSteps, adversarial: begun))
    if begun, let half = try tokenizer.discriminatorProgram(batch: batch, totalSteps: totalSteps) {
      discriminator = try session.compile(half)
    }
    (program, plays) = (compiled, begun)
    return compiled
  }

  /// Codes of the last batch by sub-codebook.
  func codes(_ book: CodebookSpec) throws -> UnsafeBufferPointer<Int32> {
    guard let program else { return UnsafeBufferPointer(start: nil, count: 0) }
    return try program.integerOutput("codes.\(book.name)")
  }

  /// The scalars of the last step, `loss.total` first.
  func measures() throws -> [(name: String, value: Double)] {
    var result: [(name: String, value: Double)] = []
    for executable in [program, plays ? discriminator : nil].compactMap({ $0 }) {
      let program = executable.plan.program
      for port in program.outputs where program.type(of: port.value) == .f32() {
        result.append((port.name, Double(try executable.output(port.name)[0])))
      }
    }
    return result
  }

  /// Writes what teachers keep.
  func saveCaches() throws { for teacher in teachers { try teacher.save() } }
}
