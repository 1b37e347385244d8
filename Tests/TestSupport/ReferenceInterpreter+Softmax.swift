import Foundation
import IR
import Ops

extension ReferenceInterpreter {
  /// log(sum(exp(x))), safe for large elements.
  static func logSumExp(_ x: some Collection<Double>) -> Double {
    let largest = x.max() ?? 0
    return largest + log(x.reduce(0) { $0 + exp($1 - largest) })
  }

  static func softmax(_ x: Tensor) -> Evaluation {
    var y = x
    let width = x.type.lastExtent
    for row in 0..<x.type.rowCount {
      let range = row * width..<(row + 1) * width
      let total = logSumExp(x.reals[range])
      for index in range { y.reals[index] = exp(x.reals[index] - total) }
    }
    return Evaluation(y)
  }

  static func softmaxGradient(_ y: Tensor, _ dy: Tensor) -> Evaluation {
    var dx = y
    let width = y.type.lastExtent
    for row in 0..<y.type.rowCount {
      let range = row * width..<(row + 1) * width
      let dot = range.reduce(0) { $0 + y.reals[$1] * dy.reals[$1] }
      for index in range { dx.reals[index] = y.reals[index] * (dy.reals[index] - dot) }
    }
    return Evaluation(dx)
  }

  static func crossEntropy(_ logits: Tensor, _ targets: Tensor, _ types: [TensorType])
    throws(ReferenceError)
    -> Evaluation
  {
    let classes = logits.shape[1]
    var totals = Tensor(types[1], filledWith: 0)
    var loss = 0.0
    for (row, target) in targets.integers.enumerated() {
      guard target >= 0 && target < classes else {
        throw ReferenceError("target \(target) is not in 0..<\(classes)")
      }
      totals.reals[row] = logSumExp(logits.reals[row * classes..<(row + 1) * classes])
      loss += totals.reals[row] - logits.reals[row * classes + target]
    }
    return Evaluation(.scalar(loss / Double(targets.integers.count)), totals)
  }

  static func crossEntropyGradient(_ operands: [Tensor]) throws(ReferenceError) -> Evaluation {
    let (logits, targets, totals, gradient) = (
      operands[0], operands[1], operands[2], operands[3].reals[0]
    )
    let classes = logits.shape[1]
    var dx = logits
    for (row, target) in targets.integers.enumerated() {
      guard target >= 0 && target < classes else {
        throw ReferenceError("target \(target) is not in 0..<\(classes)")
      }
      for j in 0..<classes {
        let probability = exp(logits.reals[row * classes + j] - totals.reals[row])
        dx.reals[row * classes + j] =
          gradient * (probability - (j == target ? 1 : 0)) / Double(targets.integers.count)
      }
    }
    return Evaluation(dx)
  }
}
