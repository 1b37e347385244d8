import Imaging

/// Which code grids a training step sees: a function of the seed and the step alone. Epochs follow each other without a
/// gap, each in an order of its own.
struct CodeBatches {
  private let codes: CodeSet
  private let batch: Int
  private let seed: UInt64
  private var epoch = -1
  private var order: [Int32] = []

  /// Batches of `batch` grids.
  init(_ codes: CodeSet, batch: Int, seed: Int) {
    self.codes = codes
    self.batch = batch
    // Another stream than the order of the images, which the tokenizer saw.
    self.seed = UInt64(bitPattern: Int64(seed)) &+ 0x9E37_79B9
  }

  /// Writes the batch of a step: labels [batch] and codes [batch * tokens] of every sub-codebook.
  mutating func fill(
    step: Int, labels: UnsafeMutableBufferPointer<Int32>, inputs: [UnsafeMutableBufferPointer<Int32>]
  ) {
    let tokens = codes.tokens
    for row in 0..<batch {
      let (epoch, position) = (step * batch + row).quotientAndRemainder(dividingBy: codes.count)
      if self.epoch != epoch {
        order = epochOrder(count: codes.count, seed: seed, epoch: epoch)
        self.epoch = epoch
      }
      let sample = Int(order[position])
      labels[row] = codes.labels[sample]
      for (book, input) in inputs.enumerated() {
        for token in 0..<tokens { input[row * tokens + token] = codes.codes[book][sample * tokens + token] }
      }
    }
  }
}
