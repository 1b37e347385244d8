import IR
import KernelInterface
import Ops

/// Sub-codebook search, the entropy loss, cross-entropy.
extension OperationBinder {
  private mutating func packEntries(_ operand: Int) -> FloatInput {
    let (size, width) = (shape(operand)[0], shape(operand)[1])
    let packed = take(PackCodebookArguments.byteCount(size: size, width: width) / 4)
    emit(.packCodebook(PackCodebookArguments(entries: input(operand), packed: packed, size: size, width: width)))
    return FloatInput(packed)
  }

  mutating func bindNearestCode() {
    let packed = packEntries(1)
    emit(
      .nearestCode(
        NearestCodeArguments(
          z: input(0), packed: packed, indices: indexOutput(), rows: shape(0)[0], size: shape(1)[0], width: shape(0)[1])
      ))
  }

  mutating func bindQuantize() {
    let (rows, size, width) = (shape(0)[0], shape(1)[0], shape(0)[1])
    let packed = packEntries(1)
    let errors = take(rows)
    let outputs = QuantizationOutputs(entries: input(1), passed: output(1), difference: output(2), errors: errors)
    emit(
      .nearestCode(
        NearestCodeArguments(
          z: input(0), packed: packed, indices: indexOutput(), outputs: outputs, rows: rows, size: size, width: width)))
    reduce(FloatInput(errors), output(3), outer: 1, rows: rows, inner: 1)
  }

  mutating func bindPerturbCodes(_ op: PerturbCodes) {
    let packed = packEntries(1)
    emit(
      .perturbCodes(
        PerturbCodesArguments(
          codes: indices(0), entries: input(1), packed: packed, share: input(2), key: indices(3),
          result: indexOutput(), rows: type(0).count, tokens: shape(0)[1], size: shape(1)[0], width: shape(1)[1],
          images: op.images, nearest: op.nearest, stream: UInt32(truncatingIfNeeded: op.stream))))
  }

  mutating func bindEntropyLoss(_ op: EntropyLoss) {
    let (rows, size, width) = (shape(0)[0], shape(1)[0], shape(0)[1])
    let packed = packEntries(1)
    let sums = take(EntropyRowsArguments.chunks(rows: rows) * EntropyRowsArguments.padded(size))
    let entropies = take(rows)
    emit(
      .entropyRows(
        EntropyRowsArguments(
          z: input(0), packed: packed, lse: output(2), entropies: entropies, sums: sums, rows: rows, size: size,
          width: width, temperature: op.temperature)))
    emit(
      .entropyFinish(
        EntropyFinishArguments(
          sums: FloatInput(sums), entropies: FloatInput(entropies), average: output(1), loss: output(0), rows: rows,
          size: size)))
  }

  mutating func bindEntropyLossGradient(_ op: EntropyLossGradient) {
    let (rows, size, width) = (shape(0)[0], shape(1)[0], shape(0)[1])
    let packed = packEntries(1)
    let chunks = EntropyRowsArguments.chunks(rows: rows)
    let sums = take(chunks * (width + 1) * EntropyRowsArguments.padded(size))
    emit(
      .entropyGradient(
        EntropyGradientArguments(
          z: input(0), packed: packed, average: input(2), lse: input(3), gradient: input(4), dz: output(0), sums: sums,
          rows: rows, size: size, width: width, temperature: op.temperature)))
    emit(
      .entropyEntries(
        EntropyEntriesArguments(
          sums: FloatInput(sums), entries: input(1), de: output(1), chunks: chunks, size: size, width: width)))
  }

  mutating func bindCrossEntropy() {
    let (rows, width) = (shape(0)[0], shape(0)[1])
    let losses = take(rows)
    emit(
      .crossEntropy(
        CrossEntropyArguments(
          logits: input(0), targets: indices(1), losses: losses, lse: output(1), rows: rows, width: width)))
    reduce(FloatInput(losses), output(0), outer: 1, rows: rows, inner: 1, factor: 1 / Float(rows))
  }
}
