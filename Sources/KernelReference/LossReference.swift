import Foundation
import KernelInterface

extension TensorReference {
  private static func logSumExp(_ x: [Double]) -> Double {
    let peak = x.max() ?? 0
    return peak + log(x.reduce(0.0) { $0 + exp($1 - peak) })
  }

  private static func row(_ x: FloatInput, _ row: Int, _ width: Int) -> [Double] {
    (0..<width).map { Double(x[row * width + $0]) }
  }

  /// Softmax of rows.
  public static func softmax(_ a: SoftmaxArguments, _ units: Range<Int>) {
    for n in 0..<a.rows {
      let x = row(a.x, n, a.width)
      let lse = logSumExp(x)
      for i in 0..<a.width { a.y[n * a.width + i] = Float(exp(x[i] - lse)) }
    }
  }

  /// y * (dy - sum(y * dy)).
  public static func softmaxGradient(_ a: SoftmaxGradientArguments, _ units: Range<Int>) {
    for n in 0..<a.rows {
      let (y, dy) = (row(a.y, n, a.width), row(a.dy, n, a.width))
      let mean = zip(y, dy).reduce(0.0) { $0 + $1.0 * $1.1 }
      for i in 0..<a.width { a.dx[n * a.width + i] = Float(y[i] * (dy[i] - mean)) }
    }
  }

  /// Loss and log-sum-exp of rows.
  public static func crossEntropy(_ a: CrossEntropyArguments, _ units: Range<Int>) {
    for n in 0..<a.rows {
      let x = row(a.logits, n, a.width)
      let lse = logSumExp(x)
      a.lse[n] = Float(lse)
      a.losses[n] = Float(lse - x[min(a.width - 1, max(0, Int(a.targets[n])))])
    }
  }

  /// (softmax - onehot) * gradient / N.
  public static func crossEntropyGradient(_ a: CrossEntropyGradientArguments, _ units: Range<Int>) {
    for n in 0..<a.rows {
      let x = row(a.logits, n, a.width)
      let target = min(a.width - 1, max(0, Int(a.targets[n])))
      for i in 0..<a.width {
        let p = exp(x[i] - Double(a.lse[n])) - (i == target ? 1 : 0)
        a.dx[n * a.width + i] = Float(p * Double(a.gradient[0]) / Double(a.rows))
      }
    }
  }

  /// Entries as they are.
  public static func packCodebook(_ a: PackCodebookArguments, _ units: Range<Int>) {
    for i in 0..<a.size * a.width { a.packed[i] = a.entries[i] }
  }

  private static func distance(_ z: [Double], _ entries: FloatInput, _ j: Int) -> Double {
    z.indices.reduce(0.0) {
      let d = z[$1] - Double(entries[j * z.count + $1])
      return $0 + d * d
    }
  }

  /// argmin of the squared distance.
  public static func nearestCode(_ a: NearestCodeArguments, _ units: Range<Int>) {
    for n in 0..<a.rows {
      let z = row(a.z, n, a.width)
      var (best, least) = (0, Double.infinity)
      for j in 0..<a.size {
        let d = distance(z, a.packed, j)
        if d < least { (best, least) = (j, d) }
      }
      a.indices[n] = Int32(best)
      guard let outputs = a.outputs else { continue }
      var error = 0.0
      for d in 0..<a.width {
        let difference = Double(outputs.entries[best * a.width + d]) - z[d]
        outputs.difference[n * a.width + d] = Float(difference)
        outputs.passed[n * a.width + d] = Float(z[d] + difference)
        error += difference * difference
      }
      outputs.errors[n] = Float(error)
    }
  }

  /// Logits -|z - e|^2 / temperature of one row.
  private static func logits(_ z: [Double], _ entries: FloatInput, _ size: Int, _ temperature: Float) -> [Double] {
    (0..<size).map { -distance(z, entries, $0) / Double(temperature) }
  }

  /// Entropy and log-sum-exp of rows; sums of assignments per chunk.
  public static func entropyRows(_ a: EntropyRowsArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let chunks = EntropyRowsArguments.chunks(rows: a.rows)
    let padded = EntropyRowsArguments.padded(a.size)
    for chunk in 0..<chunks {
      var sums = [Double](repeating: 0, count: padded)
      for n in a.rows * chunk / chunks..<a.rows * (chunk + 1) / chunks {
        let logits = logits(row(a.z, n, a.width), a.packed, a.size, a.temperature)
        let lse = logSumExp(logits)
        var entropy = 0.0
        for j in 0..<a.size {
          let p = exp(logits[j] - lse)
          entropy -= p * (logits[j] - lse)
          sums[j] += p
        }
        a.lse[n] = Float(lse)
        a.entropies[n] = Float(entropy)
      }
      for j in 0..<padded { a.sums[chunk * padded + j] = Float(sums[j]) }
    }
  }

  /// The mean assignment and the loss.
  public static func entropyFinish(_ a: EntropyFinishArguments, _ units: Range<Int>) {
    let padded = EntropyRowsArguments.padded(a.size)
    var loss = (0..<a.rows).reduce(0.0) { $0 + Double(a.entropies[$1]) } / Double(a.rows)
    for j in 0..<a.size {
      let chunks = 0..<EntropyRowsArguments.chunks(rows: a.rows)
      let p = chunks.reduce(0.0) { $0 + Double(a.sums[$1 * padded + j]) } / Double(a.rows)
      a.average[j] = Float(p)
      loss += p * log(p + 1e-5)
    }
    a.loss[0] = Float(loss)
  }

  /// dz, and for the entries per chunk sum_n g z and sum_n g.
  public static func entropyGradient(
    _ a: EntropyGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let chunks = EntropyRowsArguments.chunks(rows: a.rows)
    let padded = EntropyRowsArguments.padded(a.size)
    for chunk in 0..<chunks {
      var sums = [Double](repeating: 0, count: (a.width + 1) * padded)
      for n in a.rows * chunk / chunks..<a.rows * (chunk + 1) / chunks {
        let z = row(a.z, n, a.width)
        let logP = logits(z, a.packed, a.size, a.temperature).map { $0 - Double(a.lse[n]) }
        let slopes = (0..<a.size).map { j in
          let q = Double(a.average[j])
          return log(q + 1e-5) + q / (q + 1e-5) - logP[j]
        }
        let centre = (0..<a.size).reduce(0.0) { $0 + exp(logP[$1]) * slopes[$1] }
        var dz = [Double](repeating: 0, count: a.width)
        for j in 0..<a.size {
          // The gradient of logit j times d logit / d (z e - |e|^2 / 2).
          let g =
            exp(logP[j]) * (slopes[j] - centre) * 2 * Double(a.gradient[0]) / Double(a.rows) / Double(a.temperature)
          for d in 0..<a.width {
            dz[d] += g * Double(a.packed[j * a.width + d])
            sums[d * padded + j] += g * z[d]
          }
          sums[a.width * padded + j] += g
        }
        for d in 0..<a.width { a.dz[n * a.width + d] = Float(dz[d]) }
      }
      for i in sums.indices { a.sums[chunk * sums.count + i] = Float(sums[i]) }
    }
  }

  /// sum_n g (z - e).
  public static func entropyEntries(_ a: EntropyEntriesArguments, _ units: Range<Int>) {
    let padded = EntropyRowsArguments.padded(a.size)
    for j in 0..<a.size {
      for d in 0..<a.width {
        var sum = 0.0
        for chunk in 0..<a.chunks {
          let sums = a.sums + chunk * (a.width + 1) * padded
          sum += Double(sums[d * padded + j]) - Double(sums[a.width * padded + j]) * Double(a.entries[j * a.width + d])
        }
        a.de[j * a.width + d] = Float(sum)
      }
    }
  }
}
