import IR
import Ops

/// Layers with their parameters, named under the builder's scope. Fresh weights follow the defaults of the method's
/// reference: uniform on ±fan_in^-1/2 for convolutions and linear maps, ones and zeros for norms.
extension GraphContext {
  /// 3x3 or other square convolution of x [B, H, W, Cin] to [B, H', W', out], by default with bias.
  public func convolution(
    _ name: String, _ x: ValueID, out: Int, kernel: Int = 3, stride: Int = 1, padding: Padding = Padding(all: 1),
    bias: Bool = true, weights: Initializer? = nil
  ) -> ValueID {
    let input = builder.type(of: x).lastExtent
    return builder.scoped(name) {
      let bound = 1 / Float(kernel * kernel * input).squareRoot()
      let weight = builder.parameter(
        "weight", [out, kernel, kernel, input], weights ?? .uniform(bound: bound))
      let biases = bias ? [builder.parameter("bias", [out], .uniform(bound: bound))] : []
      return builder.emit(Conv2D(stride: stride, padding: padding), [x, weight] + biases)[0]
    }
  }

  /// Linear map of the last dimension to `out`, by default with bias. A 1x1 convolution is this too.
  public func linear(
    _ name: String, _ x: ValueID, out: Int, bias: Bool = true, weights: Initializer? = nil,
    biases: Initializer? = nil
  ) -> ValueID {
    let input = builder.type(of: x).lastExtent
    return builder.scoped(name) {
      let bound = 1 / Float(input).squareRoot()
      let weight = builder.parameter("weight", [out, input], weights ?? .uniform(bound: bound))
      return builder.linear(
        x, weight, bias ? builder.parameter("bias", [out], biases ?? .uniform(bound: bound)) : nil)
    }
  }

  /// Group normalisation over channels, epsilon 1e-6.
  public func groupNorm(_ name: String, _ x: ValueID, groups: Int) -> ValueID {
    let channels = builder.type(of: x).lastExtent
    return builder.scoped(name) {
      let scale = builder.parameter("weight", [channels], .ones)
      let shift = builder.parameter("bias", [channels], .zeros)
      return builder.emit(GroupNorm(groups: groups), [x, scale, shift])[0]
    }
  }

  /// Layer normalisation over the last dimension, epsilon 1e-5.
  public func layerNorm(_ name: String, _ x: ValueID) -> ValueID {
    let width = builder.type(of: x).lastExtent
    return builder.scoped(name) {
      let scale = builder.parameter("weight", [width], .ones)
      let shift = builder.parameter("bias", [width], .zeros)
      return builder.emit(LayerNorm(), [x, scale, shift])[0]
    }
  }

  /// Root-mean-square normalisation over the last dimension, epsilon 1e-5.
  public func rmsNorm(_ name: String, _ x: ValueID) -> ValueID {
    let width = builder.type(of: x).lastExtent
    return builder.scoped(name) {
      builder.emit(RMSNorm(), [x, builder.parameter("weight", [width], .ones)])[0]
    }
  }
}
