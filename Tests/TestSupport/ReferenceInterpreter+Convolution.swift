import IR
import Ops

/// The places where a window meets its image: the one loop nest that a convolution and both its gradients share.
private struct WindowWalk {
  let image: [Int]
  let window: [Int]
  let output: [Int]
  let stride: Int
  let padding: Padding

  /// Calls `body` with the flat positions, without channels, of a pixel, an output position and a window position.
  func visit(_ body: (_ pixel: Int, _ position: Int, _ tap: Int) -> Void) {
    for n in 0..<image[0] {
      for i in 0..<output[1] {
        for j in 0..<output[2] {
          for u in 0..<window[1] {
            for v in 0..<window[2] {
              let (row, column) = (i * stride + u - padding.top, j * stride + v - padding.left)
              guard row >= 0, row < image[1], column >= 0, column < image[2] else { continue }
              body(
                (n * image[1] + row) * image[2] + column, (n * output[1] + i) * output[2] + j,
                u * window[2] + v)
            }
          }
        }
      }
    }
  }
}

extension ReferenceInterpreter {
  static func conv2D(_ op: Conv2D, _ operands: [Tensor], _ type: TensorType) -> Evaluation {
    let (x, w) = (seen(operands[0], upsample: op.upsample), operands[1])
    let (inputs, outputs, taps) = (w.shape[3], w.shape[0], w.shape[1] * w.shape[2])
    var y = Tensor(type, filledWith: 0)
    if operands.count == 3 {
      for index in y.reals.indices { y.reals[index] = operands[2].reals[index % outputs] }
    }
    let walk = WindowWalk(
      image: x.shape, window: w.shape, output: type.shape, stride: op.stride, padding: op.padding)
    walk.visit { pixel, position, tap in
      for o in 0..<outputs {
        var sum = 0.0
        for c in 0..<inputs {
          sum += x.reals[pixel * inputs + c] * w.reals[(o * taps + tap) * inputs + c]
        }
        y.reals[position * outputs + o] += sum
      }
    }
    return Evaluation(y)
  }

  static func conv2DInputGradient(
    _ op: Conv2DInputGradient, _ dy: Tensor, _ w: Tensor, _ type: TensorType
  ) -> Evaluation {
    let (inputs, outputs, taps) = (w.shape[3], w.shape[0], w.shape[1] * w.shape[2])
    let scale = op.upsample ? 2 : 1
    let image = [type.shape[0], scale * type.shape[1], scale * type.shape[2], type.shape[3]]
    var dx = Tensor(TensorType(.f32, image), filledWith: 0)
    let walk = WindowWalk(
      image: image, window: w.shape, output: dy.shape, stride: op.stride, padding: op.padding)
    walk.visit { pixel, position, tap in
      for o in 0..<outputs {
        let gradient = dy.reals[position * outputs + o]
        for c in 0..<inputs {
          dx.reals[pixel * inputs + c] += gradient * w.reals[(o * taps + tap) * inputs + c]
        }
      }
    }
    return op.upsample ? upsampleGradient(dx, type) : Evaluation(dx)
  }

  static func conv2DWeightGradient(
    _ op: Conv2DWeightGradient, _ x: Tensor, _ dy: Tensor, _ types: [TensorType]
  ) -> Evaluation {
    let type = types[0]
    let x = seen(x, upsample: op.upsample)
    let (inputs, outputs, taps) = (type.shape[3], type.shape[0], type.shape[1] * type.shape[2])
    var dw = Tensor(type, filledWith: 0)
    let walk = WindowWalk(
      image: x.shape, window: type.shape, output: dy.shape, stride: op.stride, padding: op.padding)
    walk.visit { pixel, position, tap in
      for o in 0..<outputs {
        let gradient = dy.reals[position * outputs + o]
        for c in 0..<inputs {
          dw.reals[(o * taps + tap) * inputs + c] += gradient * x.reals[pixel * inputs + c]
        }
      }
    }
    guard op.sumsBias else { return Evaluation(dw) }
    var db = Tensor(types[1], filledWith: 0)
    for index in dy.reals.indices { db.reals[index % outputs] += dy.reals[index] }
    return Evaluation(dw, db)
  }

  /// The image over which windows move.
  private static func seen(_ x: Tensor, upsample: Bool) -> Tensor {
    let s = x.shape
    return upsample ? self.upsample(x, .f32(s[0], 2 * s[1], 2 * s[2], s[3])).results[0] : x
  }

  static func resizeNearest(_ x: Tensor, _ type: TensorType) -> Evaluation {
    var y = Tensor(type, filledWith: 0)
    let (source, target) = (x.shape, type.shape)
    for index in y.reals.indices {
      let channel = index % target[3]
      let column = index / target[3] % target[2]
      let row = index / (target[3] * target[2]) % target[1]
      let image = index / (target[3] * target[2] * target[1])
      let from = (image * source[1] + row * source[1] / target[1]) * source[2] + column * source[2] / target[2]
      y.reals[index] = x.reals[from * source[3] + channel]
    }
    return Evaluation(y)
  }

  static func upsample(_ x: Tensor, _ type: TensorType) -> Evaluation {
    var y = Tensor(type, filledWith: 0)
    visitUpsampled(small: x.shape) { small, large in y.reals[large] = x.reals[small] }
    return Evaluation(y)
  }

  static func upsampleGradient(_ dy: Tensor, _ type: TensorType) -> Evaluation {
    var dx = Tensor(type, filledWith: 0)
    visitUpsampled(small: type.shape) { small, large in dx.reals[small] += dy.reals[large] }
    return Evaluation(dx)
  }

  /// Calls `body` with each element of [B, 2H, 2W, C] and the element of [B, H, W, C] that it repeats.
  private static func visitUpsampled(small: [Int], _ body: (_ small: Int, _ large: Int) -> Void) {
    let (height, width, channels) = (small[1], small[2], small[3])
    for n in 0..<small[0] {
      for i in 0..<2 * height {
        for j in 0..<2 * width {
          for c in 0..<channels {
            body(
              ((n * height + i / 2) * width + j / 2) * channels + c,
              ((n * 2 * height + i) * 2 * width + j) * channels + c)
          }
        }
      }
    }
  }
}
