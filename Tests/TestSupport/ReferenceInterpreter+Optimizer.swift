import Foundation
import IR
import Ops

extension ReferenceInterpreter {
  static func increment(_ counter: Tensor) -> Evaluation {
    Evaluation(updates: [0: .scalar(integer: counter.integers[0] + 1)])
  }

  static func learningRate(_ op: LearningRate, _ stepsDone: Tensor) -> Evaluation {
    let step = Double(stepsDone.integers[0])
    let base = Double(op.base)
    let warmup = op.warmup > 0 ? min(1, (step + 1) / Double(op.warmup)) : 1
    if op.kind == .constant || step < Double(op.warmup) {
      return Evaluation(.scalar(base * warmup))
    }
    let progress = min(1, max(0, (step - Double(op.warmup)) / Double(max(1, op.total - op.warmup))))
    let final = Double(op.final)
    return Evaluation(.scalar(base * (final + (1 - final) * 0.5 * (1 + cos(Double.pi * progress)))))
  }

  static func schedule(_ op: Schedule, _ stepsDone: Tensor) -> Evaluation {
    let done = Double(stepsDone.integers[0] - op.start)
    let progress = op.span > 0 ? min(1, max(0, done / Double(op.span))) : (done >= 0 ? 1 : 0)
    let share: Double
    switch op.shape {
    case .step: share = done >= 0 ? 1 : 0
    case .linear: share = progress
    case .cosine: share = (1 - cos(Double.pi * progress)) / 2
    case .every: share = done >= 0 && done.truncatingRemainder(dividingBy: Double(op.span)) == 0 ? 1 : 0
    }
    return Evaluation(.scalar(Double(op.from) + share * (Double(op.to) - Double(op.from))))
  }

  static func gradientNorm(_ operands: [Tensor]) -> Evaluation {
    let sum = operands.reduce(0) { sum, operand in operand.reals.reduce(sum) { $0 + $1 * $1 } }
    return Evaluation(.scalar(sum.squareRoot()))
  }

  static func adam(_ op: Adam, _ operands: [Tensor]) -> Evaluation {
    var (parameter, first, second) = (operands[0], operands[1], operands[2])
    let (gradient, rate, scale) = (operands[3], operands[4].reals[0], operands[5].reals[0])
    let step = Double(operands[6].integers[0] + 1)
    let (beta1, beta2, epsilon) = (Double(op.beta1), Double(op.beta2), Double(op.epsilon))
    for index in parameter.reals.indices {
      let scaled = gradient.reals[index] * scale
      first.reals[index] = beta1 * first.reals[index] + (1 - beta1) * scaled
      second.reals[index] = beta2 * second.reals[index] + (1 - beta2) * scaled * scaled
      let direction =
        (first.reals[index] / (1 - pow(beta1, step)))
        / ((second.reals[index] / (1 - pow(beta2, step))).squareRoot() + epsilon)
      parameter.reals[index] -= rate * (Double(op.weightDecay) * parameter.reals[index] + direction)
    }
    return Evaluation(updates: [0: parameter, 1: first, 2: second])
  }

  static func adamGroup(_ op: AdamGroup, _ operands: [Tensor]) -> Evaluation {
    let (count, lists) = (op.count, op.updatedLists)
    let last = Array(operands.suffix(3))
    var scale = last[1]
    if op.clip > 0 { scale.reals[0] = min(1, Double(op.clip) / (scale.reals[0] + 1e-6)) }
    var updates: [Int: Tensor] = [:]
    for index in 0..<count {
      let one = self.adam(
        op.update(of: index),
        [
          operands[index], operands[count + index], operands[2 * count + index], operands[lists * count + index],
          last[0], scale, last[2],
        ])
      for (list, tensor) in one.updates { updates[list * count + index] = tensor }
      if op.average != 0, let parameter = one.updates[0] {
        let average = movingAverage(MovingAverage(decay: op.average), operands[3 * count + index], parameter)
        updates[3 * count + index] = average.updates[0]
      }
    }
    return Evaluation(updates: updates)
  }

  static func movingAverage(_ op: MovingAverage, _ average: Tensor, _ source: Tensor) -> Evaluation {
    let decay = Double(op.decay)
    var updated = average
    for index in average.reals.indices {
      updated.reals[index] = decay * average.reals[index] + (1 - decay) * source.reals[index]
    }
    return Evaluation(updates: [0: updated])
  }
}
