import Foundation
import IR
import Ops

extension ReferenceInterpreter {
  static func embedding(_ operands: [Tensor], _ type: TensorType) throws(ReferenceError) -> Evaluation {
    let (table, indices) = (operands[0], operands[1])
    let elements = table.widened(scales: operands.count > 2 ? operands[2] : nil)
    let (rows, width) = (table.shape[0], table.shape[1])
    var y: [Double] = []
    for index in indices.integers {
      guard index >= 0 && index < rows else {
        throw ReferenceError("index \(index) is not in 0..<\(rows)")
      }
      y += elements[index * width..<(index + 1) * width]
    }
    return Evaluation(Tensor(type, y))
  }

  static func embeddingGradient(
    _ op: EmbeddingGradient, _ indices: Tensor, _ dy: Tensor, _ type: TensorType
  ) throws(ReferenceError) -> Evaluation {
    let width = type.shape[1]
    var table = Tensor(type, filledWith: 0)
    for (position, index) in indices.integers.enumerated() {
      guard index >= 0 && index < op.rows else {
        throw ReferenceError("index \(index) is not in 0..<\(op.rows)")
      }
      for d in 0..<width { table.reals[index * width + d] += dy.reals[position * width + d] }
    }
    return Evaluation(table)
  }

  private static func squaredDistance(_ z: Tensor, _ n: Int, _ e: Tensor, _ j: Int) -> Double {
    let width = z.shape[1]
    return (0..<width).reduce(0) { sum, d in
      let difference = z.reals[n * width + d] - e.reals[j * width + d]
      return sum + difference * difference
    }
  }

  static func quantize(_ z: Tensor, _ e: Tensor, _ types: [TensorType]) -> Evaluation {
    let codes = nearestCode(z, e, types[0]).results[0]
    let width = z.shape[1]
    var difference = Tensor(types[2], filledWith: 0)
    for (n, code) in codes.integers.enumerated() {
      for d in 0..<width {
        difference.reals[n * width + d] = e.reals[code * width + d] - z.reals[n * width + d]
      }
    }
    let passed = Tensor(types[1], zip(z.reals, difference.reals).map(+))
    let error = Tensor(types[3], [difference.reals.reduce(0) { $0 + $1 * $1 }])
    return Evaluation(results: [codes, passed, difference, error])
  }

  static func nearestCode(_ z: Tensor, _ e: Tensor, _ type: TensorType) -> Evaluation {
    var codes = Tensor(type, filledWith: 0)
    for n in 0..<z.shape[0] {
      var nearest = squaredDistance(z, n, e, 0)
      for j in 1..<max(1, e.shape[0]) {
        let distance = squaredDistance(z, n, e, j)
        if distance < nearest {
          nearest = distance
          codes.integers[n] = j
        }
      }
    }
    return Evaluation(codes)
  }

  /// The draw is that of the op's document: word 0 of the block (image, stream, 1, 2) decides on the image, words 0 and
  /// 1 of the block (position, stream, 0, 2) on the code and on its neighbour.
  static func perturbCodes(_ op: PerturbCodes, _ operands: [Tensor], _ type: TensorType) -> Evaluation {
    let (codes, entries, share, key) = (operands[0], operands[1], operands[2].reals[0], operands[3])
    func words(_ counter: Int, _ kind: UInt32) -> [Double] {
      let words = Philox.block(
        counter: (UInt32(counter), UInt32(op.stream), kind, 2),
        key: (UInt32(truncatingIfNeeded: key.integers[0]), UInt32(truncatingIfNeeded: key.integers[1])))
      return words.map { Double($0 >> 8) / Double(1 << 24) }
    }
    var result = codes
    for (position, code) in codes.integers.enumerated() {
      let draw = words(position, 0)
      guard words(position / type.shape[1], 1)[0] < Double(op.images), draw[0] < share else { continue }
      let others = (0..<entries.shape[0]).filter { $0 != code }.sorted {
        let (a, b) = (squaredDistance(entries, code, entries, $0), squaredDistance(entries, code, entries, $1))
        return (a, $0) < (b, $1)
      }
      result.integers[position] = others[Int(draw[1] * Double(op.nearest))]
    }
    return Evaluation(result)
  }

  /// Added to the mean probability inside the logarithm, as in the method's reference implementation.
  private static let probabilityOffset = 1e-5

  private static func affinity(_ z: Tensor, _ n: Int, _ e: Tensor, _ j: Int, _ temperature: Float)
    -> Double
  {
    -squaredDistance(z, n, e, j) / Double(temperature)
  }

  static func entropyLoss(_ op: EntropyLoss, _ z: Tensor, _ e: Tensor, _ types: [TensorType])
    -> Evaluation
  {
    let (rows, entries) = (z.shape[0], e.shape[0])
    var means = Tensor(types[1], filledWith: 0)
    var totals = Tensor(types[2], filledWith: 0)
    var loss = 0.0
    for n in 0..<rows {
      let affinities = (0..<entries).map { affinity(z, n, e, $0, op.temperature) }
      totals.reals[n] = logSumExp(affinities)
      for j in 0..<entries {
        let logProbability = affinities[j] - totals.reals[n]
        loss -= exp(logProbability) * logProbability / Double(rows)
        means.reals[j] += exp(logProbability) / Double(rows)
      }
    }
    for mean in means.reals { loss += mean * log(mean + probabilityOffset) }
    return Evaluation(.scalar(loss), means, totals)
  }

  /// With c_nj = d loss / d p_nj: d loss / d affinity_nj = p_nj (c_nj - sum_i p_ni c_ni).
  static func entropyLossGradient(
    _ op: EntropyLossGradient, _ operands: [Tensor], _ types: [TensorType]
  ) -> Evaluation {
    let (z, e, means, totals, gradient) = (
      operands[0], operands[1], operands[2], operands[3], operands[4].reals[0]
    )
    let (rows, entries, width) = (z.shape[0], e.shape[0], z.shape[1])
    var dz = Tensor(types[0], filledWith: 0)
    var de = Tensor(types[1], filledWith: 0)
    for n in 0..<rows {
      let logProbabilities = (0..<entries).map {
        affinity(z, n, e, $0, op.temperature) - totals.reals[n]
      }
      let slopes = (0..<entries).map { j in
        let shifted = means.reals[j] + probabilityOffset
        return (log(shifted) + means.reals[j] / shifted - logProbabilities[j] - 1) / Double(rows)
      }
      let dot = zip(logProbabilities, slopes).reduce(0) { $0 + exp($1.0) * $1.1 }
      for j in 0..<entries {
        let dAffinity = gradient * exp(logProbabilities[j]) * (slopes[j] - dot)
        for d in 0..<width {
          let difference = z.reals[n * width + d] - e.reals[j * width + d]
          dz.reals[n * width + d] -= 2 * dAffinity * difference / Double(op.temperature)
          de.reals[j * width + d] += 2 * dAffinity * difference / Double(op.temperature)
        }
      }
    }
    return Evaluation(dz, de)
  }
}
