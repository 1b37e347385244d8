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
  private let last: LastPrograms
  private var current: Ports?
  private var discriminator: Discriminator?
  private let teachers: [TeacherRunner]
  private var batch: Int { session.spec.training.tokenizer.batch }

  /// The programs of the stage's last steps.
  struct LastPrograms {
    /// The step, with the adversarial loss where there is one.
    let train: Program
    /// The discriminator's half, where there is an adversarial loss.
    let discriminator: Program?

    var all: [Program] { [train, discriminator].compactMap(\.self) }
  }

  /// What a step touches, looked up once.
  struct Ports {
    fileprivate let program: Executable
    fileprivate let plays: Bool
    fileprivate let image: UnsafeMutableBufferPointer<Float>
    fileprivate let teachers: [UnsafeMutableBufferPointer<Float>]
    fileprivate let key: RandomKey
    /// The whole loss of the step.
    let loss: UnsafeBufferPointer<Float>
    /// The norm of the gradient before clipping.
    let gradientNorm: UnsafeBufferPointer<Float>
    /// Codes of the batch by sub-codebook.
    let codes: [UnsafeBufferPointer<Int32>]

    fileprivate init(_ program: Executable, _ spec: ModelSpec, teachers: [TeacherRunner], plays: Bool) throws {
      self.program = program
      self.plays = plays
      image = try program.input("image")
      self.teachers = try teachers.map { try program.input("teacher.\($0.spec.name)") }
      key = try RandomKey(program)
      loss = try program.output("loss.total")
      gradientNorm = try program.output("gradient_norm")
      codes = try spec.tokenizer.codebooks.map { try program.integerOutput("codes.\($0.name)") }
    }
  }

  /// The discriminator's half of a step.
  private struct Discriminator {
    let program: Executable
    let image: UnsafeMutableBufferPointer<Float>
    let reconstruction: UnsafeMutableBufferPointer<Float>
    let source: UnsafeBufferPointer<Float>
    let key: RandomKey
    let gradientNorm: UnsafeBufferPointer<Float>

    /// Its half of the step whose other half gives `source`, the reconstruction.
    init(_ program: Executable, source: UnsafeBufferPointer<Float>) throws {
      self.program = program
      self.source = source
      image = try program.input("image")
      reconstruction = try program.input("reconstruction")
      key = try RandomKey(program)
      gradientNorm = try program.output("discriminator.gradient_norm")
    }

    /// Trains on what the decoder's half made of the pixels, with the same (seed, step).
    func run(_ pixels: UnsafeMutableBufferPointer<Float>, seed: Int, step: Int) {
      _ = image.update(from: pixels)
      _ = reconstruction.update(from: source)
      key.set(seed: seed, step: step)
      program.run()
    }
  }

  /// Creates all symbols of the stage and reads the weights of frozen networks.
  init(_ session: ModelSession, totalSteps: Int, cacheFolder: String) throws {
    self.session = session
    self.totalSteps = totalSteps
    let spec = session.spec
    tokenizer = Tokenizer(spec)
    start = tokenizer.adversarialStart(totalSteps: totalSteps)
    let batch = spec.training.tokenizer.batch
    // From the start, so that any checkpoint of the stage holds all of them.
    last = try Self.addSymbols(to: session, batch: batch, totalSteps: totalSteps)
    if let perceptual = spec.losses.perceptual, perceptual.weight > 0 {
      try FrozenWeights.loadPerceptual(session.store, path: perceptual.weights)
    }
    teachers = try tokenizer.teachers.map { try TeacherRunner(session, $0, batch: batch, cacheFolder: cacheFolder) }
  }

  /// Creates all symbols of the stage.
  ///
  /// - Returns: The programs that name them all.
  @discardableResult
  static func addSymbols(to session: ModelSession, batch: Int, totalSteps: Int) throws -> LastPrograms {
    let tokenizer = Tokenizer(session.spec)
    let adversarial = tokenizer.adversarialStart(totalSteps: totalSteps) != nil
    let programs = LastPrograms(
      train: try tokenizer.trainProgram(batch: batch, totalSteps: totalSteps, adversarial: adversarial),
      discriminator: try tokenizer.discriminatorProgram(batch: batch, totalSteps: totalSteps))
    for program in programs.all { try session.add(program) }
    return programs
  }

  /// Sets the codebooks from the first batches of a run where the spec says so.
  ///
  /// - Parameter next: The pixels of the next batch, from the first one on.
  func startCodebooks(_ next: () throws -> UnsafeMutableBufferPointer<Float>) throws {
    guard let latents = tokenizer.latentsProgram(batch: batch), let start = tokenizer.startProgram(batch: batch) else {
      return
    }
    let encoder = try session.compile(latents)
    let clustering = try session.compile(start)
    for number in 0..<tokenizer.startBatches(batch: batch) {
      _ = try encoder.input("image").update(from: next())
      encoder.run()
      for port in latents.outputs {
        let rows = try encoder.output(port.name)
        let target = try clustering.input(port.name)
        _ = target[(number * rows.count)...].update(fromContentsOf: rows)
      }
    }
    // No step has this number, so the draw is shared with none.
    try RandomKey(clustering).set(seed: session.spec.training.seed, step: -1)
    clustering.run()
  }

  /// Trains on a batch of pixels [B, H, W, 3]; `step` counts from 0. Allocates nothing, except where a teacher runs and
  /// at the step at which the discriminator begins.
  func run(_ pixels: UnsafeMutableBufferPointer<Float>, step: Int) throws -> Ports {
    let ports = try ports(step)
    for (teacher, target) in zip(teachers, ports.teachers) { try teacher.write(pixels, to: target) }
    _ = ports.image.update(from: pixels)
    let seed = session.spec.training.seed
    ports.key.set(seed: seed, step: step)
    ports.program.run()
    discriminator?.run(pixels, seed: seed, step: step)
    return ports
  }

  /// Compiles what a step needs, unless that is done already.
  @discardableResult
  func ports(_ step: Int) throws -> Ports {
    let begun = start.map { step >= $0 } ?? false
    if let current, begun == current.plays { return current }
    current = nil
    let isLast = begun || start == nil
    // A run must not get as far as the discriminator's first step to fail there.
    if !isLast { try session.check(last.all) }
    let compiled = try session.compile(
      isLast ? last.train : tokenizer.trainProgram(batch: batch, totalSteps: totalSteps, adversarial: false))
    if begun, let half = last.discriminator {
      discriminator = try Discriminator(session.compile(half), source: compiled.output("reconstruction"))
    }
    let ports = try Ports(compiled, session.spec, teachers: teachers, plays: begun)
    current = ports
    return ports
  }

  /// The scalars of the last step, `loss.total` first.
  var measures: [(name: String, value: Double)] {
    [current?.program, discriminator?.program].compactMap { $0 }.flatMap { executable in
      let program = executable.plan.program
      return program.outputs.filter { program.type(of: $0.value) == .f32() }.map {
        ($0.name, (try? executable.output($0.name)).map { Double($0[0]) } ?? .nan)
      }
    }
  }

  /// The norm of the discriminator's gradient in the last step; nil before it plays.
  var discriminatorNorm: Float? { discriminator?.gradientNorm[0] }

  /// Writes what teachers keep.
  func saveCaches() throws { for teacher in teachers { try teacher.save() } }
}
