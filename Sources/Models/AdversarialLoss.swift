import Autodiff
import IR
import Ops
import Spec

/// The game of decoder and discriminator (method section 2), unweighted.
public enum AdversarialLoss {
  /// What the decoder minimises, from logits of reconstructions.
  public static func decoder(_ context: GraphContext, _ loss: AdversarialSpec.Loss, fake: ValueID) -> ValueID {
    let builder = context.builder
    return builder.withScope("losses.adversarial") {
      switch loss {
      case .hinge, .vanilla: builder.unary(.negate, builder.mean(fake))
      case .nonSaturating: builder.mean(context.softplus(builder.unary(.negate, fake)))
      }
    }
  }

  /// What the discriminator minimises, from logits of real images and of reconstructions.
  public static func discriminator(
    _ context: GraphContext, _ loss: AdversarialSpec.Loss, real: ValueID, fake: ValueID
  ) -> ValueID {
    let builder = context.builder
    return builder.withScope("losses.discriminator") {
      let terms: [ValueID]
      switch loss {
      case .hinge:
        terms = [
          builder.unary(.relu, builder.affine(real, scale: -1, offset: 1)),
          builder.unary(.relu, builder.affine(fake, scale: 1, offset: 1)),
        ]
      case .vanilla, .nonSaturating:
        terms = [context.softplus(builder.unary(.negate, real)), context.softplus(fake)]
      }
      return builder.affine(builder.add(builder.mean(terms[0]), builder.mean(terms[1])), scale: 0.5)
    }
  }

  /// LeCAM (Tseng et al. 2021): logits are held near moving averages (decay 0.999) of the other side's mean logit.
  public static func lecam(_ context: GraphContext, real: ValueID, fake: ValueID) -> ValueID {
    let builder = context.builder
    func average(_ name: String, _ logits: ValueID) -> ValueID {
      let symbol = builder.symbol(
        Symbol(name: "discriminator.lecam.\(name)", type: .f32(), role: .state, initializer: .zeros))
      let mean = builder.mean(logits)
      context.atEnd { $0.builder.emit(MovingAverage(decay: 0.999), [symbol, mean]) }
      return symbol
    }
    return builder.withScope("losses.lecam") {
      let (ofReal, ofFake) = (average("real", real), average("fake", fake))
      func excess(_ difference: ValueID) -> ValueID {
        builder.mean(builder.unary(.square, builder.unary(.relu, difference)))
      }
      return builder.add(
        excess(builder.sub(real, ofFake)), excess(builder.unary(.negate, builder.sub(fake, ofReal))))
    }
  }

  /// R1 (Mescheder et al. 2018): half the squared norm of the gradient of D at real images, mean over the batch. The
  /// gradient is part of the graph, so the penalty can be differentiated like any other loss.
  public static func r1(
    _ context: GraphContext, logits: ValueID, image: ValueID
  ) throws(DifferentiationError) -> ValueID {
    let builder = context.builder
    let rank = builder.shape(of: logits).count
    let sum = builder.withScope("losses.r1") { builder.emitOne(ReduceSum(start: 0, end: rank), logits) }
    let slope = try ReverseMode.gradients(of: sum, withRespectTo: [image], in: builder)[0]
    return builder.withScope("losses.r1") {
      let total = builder.emitOne(ReduceSum(start: 0, end: 4), builder.unary(.square, slope))
      return builder.affine(total, scale: 0.5 / Float(builder.shape(of: image)[0]))
    }
  }
}
