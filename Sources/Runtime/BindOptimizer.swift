import IR
import KernelInterface
import Ops

/// Operations over all parameters at once.
extension OperationBinder {
  mutating func bindGradientNorm() {
    var entries: [SquaredSumEntry] = []
    var units = 0
    for operand in operation.operands.indices {
      let count = type(operand).count
      entries.append(SquaredSumEntry(x: input(operand), count: count, firstUnit: units))
      units += Partition.ceil(count, Partition.elementwise)
    }
    let partial = take(units)
    emit(
      .squaredSumGroup(
        SquaredSumGroupArguments(
          entries: table(entries), count: entries.count, partial: partial, unitCount: units)))
    emit(.normFinish(NormFinishArguments(partial: FloatInput(partial), count: units, norm: output())))
  }

  mutating func bindAdamGroup(_ op: AdamGroup) {
    let (count, lists) = (op.count, op.updatedLists)
    var entries: [AdamEntry] = []
    var units = 0
    for index in 0..<count {
      let entry = AdamEntry(
        parameter: mutable(index), moment1: mutable(count + index), moment2: mutable(2 * count + index),
        average: lists > 3 ? mutable(3 * count + index) : nil, gradient: input(lists * count + index),
        count: type(index).count, weightDecay: op.update(of: index).weightDecay, firstUnit: units)
      entries.append(entry)
      units += entry.unitCount
    }
    let last = (lists + 1) * count
    emit(
      .adamGroup(
        AdamGroupArguments(
          entries: table(entries), count: count, rate: input(last), scale: input(last + 1), step: indices(last + 2),
          clip: op.clip, beta1: op.adam.beta1, beta2: op.adam.beta2, epsilon: op.adam.epsilon, average: op.average,
          unitCount: units)))
  }
}
