import Autodiff
import IR
import Ops
import Spec

/// The training programs of the tokenizer.
extension Tokenizer {
  /// The step at which the adversarial loss begins in a run of `totalSteps` steps; nil where the spec has none.
  public func adversarialStart(totalSteps: Int) -> Int? { game?.start.step(of: totalSteps) }

  /// The teachers that the training program takes features of, in the order of the spec.
  public var teachers: [TeacherSpec] {
    guard spec.losses.representation.weight > 0 else { return [] }
    let used = Set(spec.tokenizer.codebooks.compactMap(\.teacher))
    return spec.teachers.filter { used.contains($0.name) }
  }

  /// `tokenizer.train`: one whole training step, from image [B, H, W, 3] (with `teacher.<name>` [B, D] for every teacher
  /// and `key` i32[2] where anything is random) to updated symbols. Outputs: `loss.total`, every weighted term as
  /// `loss.<term>`, `gradient_norm`, `learning_rate`, `codes.<name>`; with the adversarial loss also `reconstruction`,
  /// which the discriminator's step goes on with.
  ///
  /// Where the stage accumulates, the batch goes through the model in parts, and the mean of their gradients is clipped
  /// and applied once. That is the update of the whole batch for every term that is a mean over images or tokens:
  /// reconstruction, perceptual, codebook, commitment, disentanglement and the cosine to a teacher. Moving averages and
  /// restarts of entries see the latents of all parts together, as k-means and the discriminator's half of a step see
  /// the whole batch. What looks at several images at once sees those of its part: the entropy of the mean assignment,
  /// in-batch contrast, and of the decoder's adversarial term the batch statistics of the discriminator and the adaptive
  /// factor. Dropout and perturbed codes draw other numbers.
  ///
  /// - Parameters:
  ///   - totalSteps: Length of the run, for schedules.
  ///   - adversarial: Whether the adversarial loss has begun; before, the discriminator costs nothing.
  public func trainProgram(
    batch: Int, totalSteps: Int, adversarial: Bool = false
  ) throws(DifferentiationError) -> Program {
    let builder = ProgramBuilder(name: "tokenizer.train")
    let image = builder.input("image", imageType(batch: batch))
    let features = teachers.map { ($0.name, builder.input("teacher.\($0.name)", .f32(batch, $0.width))) }
    let quantizer = spec.tokenizer.quantizer
    let stage = spec.training.tokenizer
    // Frozen codebooks follow nothing either.
    let keepsUp = !stage.freeze.contains(.codebook)
    let random =
      spec.tokenizer.encoder.dropout > 0 || (keepsUp && quantizer.restart.every > 0) || quantizer.perturbation != nil
      || (adversarial && game?.augment != nil)
    let context = GraphContext(
      builder: builder, key: random ? builder.input("key", .i32(2)) : nil,
      step: OptimizationStep.counter(builder, prefix: "tokenizer"))
    let step = OptimizationStep(stage, prefix: "tokenizer", totalSteps: totalSteps)
    // Entries that follow moving averages have no gradient.
    let followsAverages = quantizer.ema > 0
    func trains(_ parameter: String) -> Bool {
      !parameter.hasPrefix("discriminator.") && !(followsAverages && parameter.hasPrefix("quantizer."))
    }
    var passes: [Pass] = []
    let (parameters, gradients) = try step.gradients(builder, batch: batch, trains: trains) {
      rows throws(DifferentiationError) in
      func part(_ value: ValueID) -> ValueID { builder.slice(value, axis: 0, rows.lowerBound, rows.upperBound) }
      let pass = try pass(
        context, image: part(image),
        teachers: Dictionary(uniqueKeysWithValues: features.map { ($0.0, part($0.1)) }), totalSteps: totalSteps,
        adversarial: adversarial, first: rows.lowerBound)
      passes.append(pass)
      return pass.objective
    }
    let update = step.update(builder, parameters, gradients)
    let terms = passes[0].terms.indices.map { index in
      Term(name: passes[0].terms[index].name, value: builder.average(passes.map { $0.terms[index].value }))
    }
    var measures = passes[0].measures.indices.map { index in
      (name: passes[0].measures[index].name, value: builder.average(passes.map { $0.measures[index].value }))
    }
    var codes: [ValueID] = []
    for (index, book) in codebooks.enumerated() {
      let latents = builder.concat(passes.map { $0.forward.quantized[index].latent }, axis: 0)
      let indices = builder.concat(passes.map { $0.forward.quantized[index].indices }, axis: 0)
      if keepsUp, let restarted = book.keepUp(context, latents: latents, indices: indices) {
        measures.append((name: "restarted.\(book.spec.name)", value: restarted))
      }
      codes.append(builder.reshape(indices, codesType(batch: batch).shape))
    }
    context.finish()
    let total = total(context, terms)
    builder.output("loss.total", total)
    for term in terms { builder.output("loss.\(term.name)", term.value) }
    for measure in measures { builder.output(measure.name, measure.value) }
    builder.output("gradient_norm", update.gradientNorm)
    builder.output("learning_rate", update.learningRate)
    for (book, codes) in zip(codebooks, codes) { builder.output("codes.\(book.spec.name)", codes) }
    if adversarial {
      builder.output("reconstruction", builder.concat(passes.map(\.forward.reconstruction), axis: 0))
    }
    return builder.program
  }

  /// Forward pass and losses of a part of a batch.
  private struct Pass {
    var forward: Forward
    var terms: [Term]
    /// The scalar that is differentiated.
    var objective: ValueID
    var measures: [(name: String, value: ValueID)]
  }

  private func pass(
    _ context: GraphContext, image: ValueID, teachers: [String: ValueID], totalSteps: Int, adversarial: Bool, first: Int
  ) throws(DifferentiationError) -> Pass {
    let forward = forward(context, image: image)
    let terms = losses(context, forward, image: image, teachers: teachers)
    guard adversarial, let game else {
      return Pass(forward: forward, terms: terms, objective: total(context, terms), measures: [])
    }
    let played = try play(
      context, game, terms: terms, reconstruction: forward.reconstruction, totalSteps: totalSteps, first: first)
    return Pass(
      forward: forward, terms: terms + [played.term], objective: played.objective, measures: played.measures)
  }

  /// The decoder's side of the game: its term, and the scalar whose gradient is that of all terms. `first` is the place of
  /// the first reconstruction in the batch.
  private func play(
    _ context: GraphContext, _ game: AdversarialSpec, terms: [Term], reconstruction: ValueID, totalSteps: Int,
    first: Int
  ) throws(DifferentiationError) -> (
    term: Term, objective: ValueID, measures: [(name: String, value: ValueID)]
  ) {
    let builder = context.builder
    let seen = augmented(context, game, reconstruction, .fake, first: first)
    let logits = Discriminator(game.discriminator).logits(context, seen)
    let loss = AdversarialLoss.decoder(context, game.loss, fake: logits)
    let start = game.start.step(of: totalSteps)
    let ramp = WeightSchedule(kind: game.ramp > 0 ? .linear : .constant, from: 0, start: start, steps: game.ramp)
    let weighted = context.weighted(loss, game.weight, ramp)
    guard game.adaptive > 0 else {
      let term = Term(name: "adversarial", value: weighted)
      return (term, total(context, terms + [term]), [])
    }
    // Both sides are differentiated once, up to the reconstruction; what follows is linear in these two gradients.
    let imageTerms = terms.filter { ["reconstruction", "perceptual"].contains($0.name) }
    let others = terms.filter { term in !imageTerms.contains { $0.name == term.name } }
    let pixel = try ReverseMode.gradients(
      of: total(context, imageTerms), withRespectTo: [reconstruction], in: builder)[0]
    let rival = try ReverseMode.gradients(of: weighted, withRespectTo: [reconstruction], in: builder)[0]
    return builder.withScope("losses.adaptive") {
      let factor = adaptiveFactor(builder, reconstruction, pixel, rival, weight: game.weight, limit: game.adaptive)
      let slope = builder.stopGradient(builder.add(pixel, builder.mul(rival, factor)))
      let linear = builder.emitOne(ReduceSum(start: 0, end: 4), builder.mul(reconstruction, slope))
      let objective = others.reduce(linear) { builder.add($0, $1.value) }
      let term = Term(name: "adversarial", value: builder.mul(weighted, factor))
      return (term, objective, [("adversarial.factor", factor)])
    }
  }

  /// |gradient of the image losses| / (|gradient of the adversarial loss| + 1e-4) at the weight of the convolution that
  /// gave the reconstruction, at most `limit` (VQGAN's adaptive weight).
  private func adaptiveFactor(
    _ builder: ProgramBuilder, _ reconstruction: ValueID, _ pixel: ValueID, _ rival: ValueID, weight: Double,
    limit: Double
  ) -> ValueID {
    guard let last = builder.program.operations.last(where: { $0.results == [reconstruction] }),
      case .conv2D(let op) = last.opCase
    else { preconditionFailure("the decoder does not end with a convolution") }
    let kernel = Array(builder.shape(of: last.operands[1])[1...2])
    let gradient = Conv2DWeightGradient(stride: op.stride, padding: op.padding, kernel: kernel)
    func norm(_ slope: ValueID) -> ValueID {
      builder.emit(GradientNorm(), [builder.emitOne(gradient, last.operands[0], slope)])[0]
    }
    // The rival gradient carries the loss's weight; the factor is defined without it.
    let own = builder.affine(norm(rival), scale: Float(1 / weight), offset: 1e-4)
    let ratio = builder.binary(.divide, norm(pixel), own)
    return builder.stopGradient(builder.binary(.minimum, ratio, builder.scalar(Float(limit))))
  }
}
