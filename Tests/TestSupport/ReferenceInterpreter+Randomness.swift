import IR
import Ops

extension ReferenceInterpreter {
  static func dropout(_ op: Dropout, _ x: Tensor, _ key: Tensor) -> Evaluation {
    let rate = Double(op.rate)
    var y = x
    for index in x.reals.indices {
      let dropped = Philox.uniform(element: index, stream: op.stream, key: key) < rate
      y.reals[index] = dropped ? 0 : x.reals[index] / (1 - rate)
    }
    return Evaluation(y)
  }

  static func dropLabels(_ op: DropLabels, _ labels: Tensor, _ key: Tensor) -> Evaluation {
    var kept = labels
    for index in labels.integers.indices
    where Philox.uniform(element: index, stream: op.stream, key: key) < Double(op.rate) {
      kept.integers[index] = op.replacement
    }
    return Evaluation(kept)
  }

  static func randomIndices(_ op: RandomIndices, _ key: Tensor, _ type: TensorType) -> Evaluation {
    var indices = Tensor(type, filledWith: 0)
    for index in 0..<op.count {
      indices.integers[index] = Int(Philox.uniform(element: index, stream: op.stream, key: key) * Double(op.bound))
    }
    return Evaluation(indices)
  }

  /// Exact for the greedy mode only: how a draw walks the distribution is the kernel's own choice.
  static func sampleToken(_ operands: [Tensor], _ type: TensorType) throws(ReferenceError)
    -> Evaluation
  {
    let (logits, temperature) = (operands[0], operands[1].reals[0])
    guard temperature <= 0 else {
      throw ReferenceError("only greedy sampling has an exact reference")
    }
    let classes = logits.shape[1]
    var tokens = Tensor(type, filledWith: 0)
    for row in 0..<logits.shape[0] {
      for j in 0..<classes
      where logits.reals[row * classes + j] > logits.reals[row * classes + tokens.integers[row]] {
        tokens.integers[row] = j
      }
    }
    return Evaluation(tokens)
  }
}
