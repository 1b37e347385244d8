import Autodiff
import IR
import Ops
import Spec

/// The programs of the discriminator.
extension Tokenizer {
  /// The game of decoder and discriminator; nil where the spec has none.
  var game: AdversarialSpec? { spec.losses.adversarial.flatMap { $0.weight > 0 ? $0 : nil } }

  /// Images as the discriminator sees them.
  func augmented(
    _ context: GraphContext, _ game: AdversarialSpec, _ images: ValueID, _ side: Augmentation.Side, first: Int = 0
  ) -> ValueID {
    guard let augment = game.augment, let key = context.key else { return images }
    return Augmentation(spec: augment, side: side).apply(context.builder, images, key: key, first: first)
  }

  /// `discriminator.logits`: what a trained discriminator says of images [B, H, W, 3]: `logits` [B, h, w, 1] (patchgan)
  /// or [B, 1] (residual). Batch normalisation takes its running statistics, so that the logits of an image depend on no
  /// other image. Nil where the spec has no adversarial loss.
  public func discriminatorLogitsProgram(batch: Int) -> Program? {
    guard let game else { return nil }
    let builder = ProgramBuilder(name: "discriminator.logits")
    var network = Discriminator(game.discriminator)
    network.statistics = .running
    let image = builder.input("image", imageType(batch: batch))
    builder.output("logits", network.logits(GraphContext(builder: builder), image))
    return builder.program
  }

  /// `discriminator.train`: the discriminator's half of a step, from `image` and `reconstruction` [B, H, W, 3] of the
  /// decoder's half (and its `key` where images are augmented): neither encoder nor decoder runs again. Outputs:
  /// `discriminator.total` (weighted), `discriminator.loss`, `discriminator.lecam` and `discriminator.r1` (unweighted,
  /// where the spec has them), the mean logits `discriminator.real` and `discriminator.fake`,
  /// `discriminator.gradient_norm`. Nil where the spec has no adversarial loss.
  public func discriminatorProgram(batch: Int, totalSteps: Int) throws(DifferentiationError) -> Program? {
    guard let game else { return nil }
    let builder = ProgramBuilder(name: "discriminator.train")
    let image = builder.input("image", imageType(batch: batch))
    let reconstruction = builder.input("reconstruction", imageType(batch: batch))
    let context = GraphContext(builder: builder, key: game.augment == nil ? nil : builder.input("key", .i32(2)))
    var network = Discriminator(game.discriminator)
    network.keepsStatistics = true
    if game.r1 > 0 { network.statistics = .batchTwiceDifferentiable }
    let real = network.logits(context, augmented(context, game, image, .real))
    network.statistics = .batch
    let fake = network.logits(context, augmented(context, game, reconstruction, .fake))
    let loss = AdversarialLoss.discriminator(context, game.loss, real: real, fake: fake)
    var total = context.weighted(loss, game.weight)
    var measures = [("discriminator.loss", loss)]
    if game.lecam > 0 {
      let lecam = AdversarialLoss.lecam(context, real: real, fake: fake)
      total = builder.add(total, context.weighted(lecam, game.lecam))
      measures.append(("discriminator.lecam", lecam))
    }
    if game.r1 > 0 {
      let penalty = try AdversarialLoss.r1(context, logits: real, image: image)
      total = builder.add(total, context.weighted(penalty, game.r1))
      measures.append(("discriminator.r1", penalty))
    }
    let stage = StageSpec(
      batch: batch, length: .steps(totalSteps), optimizer: game.discriminator.optimizer,
      clip: game.discriminator.clip)
    let update = try OptimizationStep(stage, prefix: "discriminator", totalSteps: totalSteps).emit(
      builder, loss: total)
    context.finish()
    builder.output("discriminator.total", total)
    for (name, value) in measures { builder.output(name, value) }
    builder.output("discriminator.real", builder.mean(real))
    builder.output("discriminator.fake", builder.mean(fake))
    builder.output("discriminator.gradient_norm", update.gradientNorm)
    return builder.program
  }
}
