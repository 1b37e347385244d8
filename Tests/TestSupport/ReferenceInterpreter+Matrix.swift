import IR
import Ops

extension ReferenceInterpreter {
  /// activation(sums) + the last operand.
  static func finish(_ epilogue: Epilogue, _ operands: [Tensor], _ sums: Evaluation) -> Evaluation {
    var result = sums
    if let function = epilogue.activation.function {
      result.results[0].reals = result.results[0].reals.map { apply(function, $0) }
    }
    if epilogue.addsResidual, let residual = operands.last {
      result.results[0].reals = zip(result.results[0].reals, residual.reals).map { $0 + $1 }
    }
    return result
  }

  static func matmul(_ op: MatMul, _ a: Tensor, _ b: Tensor, _ type: TensorType) -> Evaluation {
    let (m, n, k) = op.extents(a.type, b.type)
    var c = Tensor(type, filledWith: 0)
    for batch in 0..<type.count / (m * n) {
      let (aStart, bStart, cStart) = (batch * m * k, batch * k * n, batch * m * n)
      for i in 0..<m {
        for p in 0..<k {
          let left = a.reals[aStart + (op.transposeA ? p * m + i : i * k + p)]
          for j in 0..<n {
            c.reals[cStart + i * n + j] +=
              left * b.reals[bStart + (op.transposeB ? j * k + p : p * n + j)]
          }
        }
      }
    }
    return Evaluation(c)
  }

  static func linear(_ operands: [Tensor], _ type: TensorType) -> Evaluation {
    let x = operands[0].reals
    let weight = operands[1].widened(scales: operands[1].type.dtype == .i8 ? operands[2] : nil)
    let bias = Linear().bias(operands.map(\.type)).map { operands[$0].reals }
    let (out, input) = (operands[1].shape[0], operands[1].shape[1])
    var y = Tensor(type, filledWith: 0)
    for row in 0..<x.count / input {
      for o in 0..<out {
        var sum = bias?[o] ?? 0
        for i in 0..<input { sum += x[row * input + i] * weight[o * input + i] }
        y.reals[row * out + o] = sum
      }
    }
    return Evaluation(y)
  }
}
