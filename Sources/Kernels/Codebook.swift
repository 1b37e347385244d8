// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

/// Coordinate of the lanes past the last entry: their distance overflows, so they are never nearest.
private let farAway: Float = 1e19

extension Kernels {
  /// Block j of the packed form holds, for each dimension, one vector of `lanes` entries, then half squared norms;
  /// lanes past the last entry have an infinite norm, so they are never nearest and have probability 0.
  public static func packCodebook(_ a: PackCodebookArguments, _ units: Range<Int>) {
    let blockSize = (a.width + 1) * lanes
    for block in 0..<EntropyRowsArguments.padded(a.size) / lanes {
      let target = a.packed + block * blockSize
      for lane in 0..<lanes {
        let index = block * lanes + lane
        var half: Float = 0
        for d in 0..<a.width {
          let value = index < a.size ? a.entries[index * a.width + d] : farAway
          target[d * lanes + lane] = value
          half += value * value
        }
        target[a.width * lanes + lane] = index < a.size ? half * 0.5 : .infinity
      }
    }
  }

  /// |z - e|^2 of one block. Summing squared differences keeps small distances exact, which a low temperature needs:
  /// expanding the square would multiply its rounding error by 1 / temperature.
  @inline(__always)
  static func squaredDistance(
    _ z: UnsafePointer<Float>, _ block: UnsafePointer<Float>, _ width: Int
  ) -> Vector {
    var sum = Vector()
    for d in 0..<width {
      let difference = splat(z[d]) - load(block, d * lanes)
      sum = multiplyAdd(difference, difference, sum)
    }
    return sum
  }

  /// The nearest entry has the largest score z e - |e|^2 / 2.
  public static func nearestCode(_ a: NearestCodeArguments, _ units: Range<Int>) {
    let blocks = EntropyRowsArguments.padded(a.size) / lanes
    let blockSize = (a.width + 1) * lanes
    let rows = elements(units, of: a.rows, unit: NearestCodeArguments.block)
    var row = rows.lowerBound
    while row < rows.upperBound {
      // Four rows share what is read of the codebook; missing ones repeat the last.
      let last = rows.upperBound - 1
      var best = InlineArray<4, Vector>(repeating: splat(-Float.infinity))
      var bestBlock = InlineArray<4, IntVector>(repeating: IntVector())
      let z0 = a.z + row * a.width
      let z1 = a.z + min(row + 1, last) * a.width
      let z2 = a.z + min(row + 2, last) * a.width
      let z3 = a.z + min(row + 3, last) * a.width
      for block in 0..<blocks {
        let entries = a.packed + block * blockSize
        let half = -load(entries, a.width * lanes)
        var (s0, s1, s2, s3) = (half, half, half, half)
        for d in 0..<a.width {
          let entry = load(entries, d * lanes)
          s0 = multiplyAdd(splat(z0[d]), entry, s0)
          s1 = multiplyAdd(splat(z1[d]), entry, s1)
          s2 = multiplyAdd(splat(z2[d]), entry, s2)
          s3 = multiplyAdd(splat(z3[d]), entry, s3)
        }
        keepBetter(s0, block, &best[0], &bestBlock[0])
        keepBetter(s1, block, &best[1], &bestBlock[1])
        keepBetter(s2, block, &best[2], &bestBlock[2])
        keepBetter(s3, block, &best[3], &bestBlock[3])
      }
      for i in 0..<min(4, rows.upperBound - row) {
        let chosen = min(a.size - 1, lowest(best[i], bestBlock[i]))
        a.indices[row + i] = Int32(truncatingIfNeeded: chosen)
        if let outputs = a.outputs { quantize(a.z, row + i, chosen, a.width, outputs) }
      }
      row += 4
    }
  }

  /// What is made of one row and its entry.
  @inline(__always)
  private static func quantize(
    _ z: UnsafePointer<Float>, _ row: Int, _ chosen: Int, _ width: Int, _ outputs: QuantizationOutputs
  ) {
    let (place, entry) = (row * width, chosen * width)
    var error: Float = 0
    for d in 0..<width {
      let difference = outputs.entries[entry + d] - z[place + d]
      outputs.difference[place + d] = difference
      outputs.passed[place + d] = z[place + d] + difference
      error += difference * difference
    }
    outputs.errors[row] = error
  }

  /// Keeps the larger score of every lane and its block; of equal ones the earlier.
  @inline(__always)
  private static func keepBetter(_ scores: Vector, _ block: Int, _ best: inout Vector, _ bestBlock: inout IntVector) {
    let better = scores .> best
    best = best.replacing(with: scores, where: better)
    bestBlock = bestBlock.replacing(with: Int32(truncatingIfNeeded: block), where: better)
  }

  /// The entry with the largest score; of equal ones the first.
  @inline(__always)
  private static func lowest(_ best: Vector, _ block: IntVector) -> Int {
    var (chosen, peak) = (Int.max, -Float.infinity)
    for lane in 0..<lanes {
      let index = Int(block[lane]) * lanes + lane
      if best[lane] > peak || (best[lane] == peak && index < chosen) { (chosen, peak) = (index, best[lane]) }
    }
    return chosen
  }

  public static func entropyRows(_ a: EntropyRowsArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let logits = scratch.assumingMemoryBound(to: Float.self)
    let padded = EntropyRowsArguments.padded(a.size)
    let chunks = EntropyRowsArguments.chunks(rows: a.rows)
    let factor = -1 / a.temperature
    for chunk in units {
      let sums = a.sums + chunk * padded
      sums.update(repeating: 0, count: padded)
      for row in a.rows * chunk / chunks..<a.rows * (chunk + 1) / chunks {
        let peak = fillLogits(a.z + row * a.width, a.packed, a.width, padded, factor, logits)
        var (mass, moment) = (Vector(), Vector())
        for i in stride(from: 0, to: padded, by: lanes) {
          let shifted = load(logits, i) - peak
          let e = exponential(shifted)
          mass += e
          // Impossible entries have weight 0 and logit -infinity, whose product is not a number.
          moment = multiplyAdd(e, maximum(shifted, splat(-1e4)), moment)
        }
        let sum = total(mass)
        let logSum = logarithm(splat(sum))[0]
        a.lse[row] = peak + logSum
        a.entropies[row] = logSum - total(moment) / sum
        for i in stride(from: 0, to: padded, by: lanes) {
          store(load(sums, i) + exponential(load(logits, i) - a.lse[row]), sums, i)
        }
      }
    }
  }

  /// Fills the logits of one row and returns the largest.
  @inline(__always)
  private static func fillLogits(
    _ z: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, _ width: Int, _ padded: Int, _ factor: Float,
    _ logits: UnsafeMutablePointer<Float>
  ) -> Float {
    var peak = splat(-Float.infinity)
    let blockSize = (width + 1) * lanes
    for block in 0..<padded / lanes {
      let value = squaredDistance(z, packed + block * blockSize, width) * factor
      store(value, logits, block * lanes)
      peak = maximum(peak, value)
    }
    return largestLane(peak)
  }

  public static func entropyFinish(_ a: EntropyFinishArguments, _ units: Range<Int>) {
    let padded = EntropyRowsArguments.padded(a.size)
    let chunks = EntropyRowsArguments.chunks(rows: a.rows)
    let inverse = 1 / Float(a.rows)
    var spread: Float = 0
    for j in 0..<a.size {
      var sum: Float = 0
      for chunk in 0..<chunks { sum += a.sums[chunk * padded + j] }
      let p = sum * inverse
      a.average[j] = p
      spread += p * logarithm(splat(p + 1e-5))[0]
    }
    a.loss[0] = rowSum(a.entropies, a.rows) * inverse + spread
  }

  public static func entropyGradient(
    _ a: EntropyGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let padded = EntropyRowsArguments.padded(a.size)
    let chunks = EntropyRowsArguments.chunks(rows: a.rows)
    let logits = scratch.assumingMemoryBound(to: Float.self)
    let slopes = logits + padded + 16
    let factor = -1 / a.temperature
    let blockSize = (a.width + 1) * lanes
    let weight = a.gradient[0] / Float(a.rows)
    // d(-H(mean)) / d mean_j.
    for j in 0..<padded {
      let p = j < a.size ? a.average[j] : 0
      slopes[j] = logarithm(splat(p + 1e-5))[0] + p / (p + 1e-5)
    }
    for chunk in units {
      let sums = a.sums + chunk * (a.width + 1) * padded
      sums.update(repeating: 0, count: (a.width + 1) * padded)
      for row in a.rows * chunk / chunks..<a.rows * (chunk + 1) / chunks {
        let z = a.z + row * a.width
        _ = fillLogits(z, a.packed, a.width, padded, factor, logits)
        let lse = a.lse[row]
        var mean = Vector()
        for i in stride(from: 0, to: padded, by: lanes) {
          let logP = maximum(load(logits, i) - lse, splat(-1e4))
          mean = multiplyAdd(exponential(logP), load(slopes, i) - logP, mean)
        }
        let centre = total(mean)
        for i in stride(from: 0, to: padded, by: lanes) {
          let logP = maximum(load(logits, i) - lse, splat(-1e4))
          // The gradient of each logit, times the factor of the score.
          let g = exponential(logP) * (load(slopes, i) - logP - centre) * (weight * -2 * factor)
          store(g, logits, i)
          store(load(sums, a.width * padded + i) + g, sums, a.width * padded + i)
        }
        // The gradients of a row add up to zero but for rounding; z times their sum takes that out.
        let residue = rowSum(UnsafePointer(logits), padded)
        for d in 0..<a.width {
          var sum = Vector()
          let own = splat(z[d])
          for block in 0..<padded / lanes {
            let g = load(logits, block * lanes)
            sum = multiplyAdd(g, load(a.packed, block * blockSize + d * lanes), sum)
            let place = d * padded + block * lanes
            store(multiplyAdd(g, own, load(sums, place)), sums, place)
          }
          a.dz[row * a.width + d] = total(sum) - z[d] * residue
        }
      }
    }
  }

  public static func entropyEntries(_ a: EntropyEntriesArguments, _ units: Range<Int>) {
    let padded = EntropyRowsArguments.padded(a.size)
    for j in elements(units, of: a.size, unit: 256) {
      for d in 0..<a.width {
        var (product, mass): (Float, Float) = (0, 0)
        for chunk in 0..<a.chunks {
          let sums = a.sums + chunk * (a.width + 1) * padded
          product += sums[d * padded + j]
          mass += sums[a.width * padded + j]
        }
        a.de[j * a.width + d] = product - mass * a.entries[j * a.width + d]
      }
    }
  }
}
