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

  static func randomUniform(_ op: RandomUniform, _ key: Tensor, _ type: TensorType) -> Evaluation {
    var numbers = Tensor(type, filledWith: 0)
    for index in 0..<op.count {
      numbers.reals[index] = Philox.uniform(element: op.first + index, stream: op.stream, key: key)
    }
    return Evaluation(numbers)
  }

  /// The words of the block (image, stream, 0, 3) are the move down and right and the middle of the hole.
  static func displaceImages(_ op: DisplaceImages, _ x: Tensor, _ key: Tensor) -> Evaluation {
    let (height, width, channels) = (x.shape[1], x.shape[2], x.shape[3])
    var y = Tensor(x.type, filledWith: 0)
    for image in 0..<x.shape[0] {
      let words = Philox.block(
        counter: (UInt32(op.first + image), UInt32(op.stream), 0, 3),
        key: (UInt32(truncatingIfNeeded: key.integers[0]), UInt32(truncatingIfNeeded: key.integers[1])))
      func draw(_ word: Int, _ bound: Int) -> Int { Int(Double(words[word] >> 8) / Double(1 << 24) * Double(bound)) }
      let move = (0..<2).map { draw($0, 2 * op.shift + 1) - op.shift }
      let corner = [height, width].enumerated().map { draw(2 + $0, $1 + 1 - op.hole % 2) - op.hole / 2 }
      for row in 0..<height {
        for column in 0..<width {
          let isCut =
            row >= corner[0] && row < corner[0] + op.hole && column >= corner[1] && column < corner[1] + op.hole
          let source = [row - move[0], column - move[1]]
          guard !isCut, source[0] >= 0, source[0] < height, source[1] >= 0, source[1] < width else { continue }
          for c in 0..<channels {
            let moved = ((image * height + row) * width + column) * channels + c
            let original = ((image * height + source[0]) * width + source[1]) * channels + c
            if op.inverse { y.reals[original] = x.reals[moved] } else { y.reals[moved] = x.reals[original] }
          }
        }
      }
    }
    return Evaluation(y)
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
