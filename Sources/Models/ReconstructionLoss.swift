import IR
import Ops
import Spec

/// The distance between an image and its reconstruction.
public enum ReconstructionLoss {
  /// The unweighted mean absolute (l1) or squared (l2) difference of two images.
  public static func loss(
    _ context: GraphContext, kind: ReconstructionSpec.Kind, reconstruction: ValueID, image: ValueID
  ) -> ValueID {
    let builder = context.builder
    return builder.withScope("losses.reconstruction") {
      builder.mean(builder.unary(kind == .l1 ? .absolute : .square, builder.sub(reconstruction, image)))
    }
  }
}
