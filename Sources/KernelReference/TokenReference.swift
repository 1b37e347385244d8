import Foundation
import KernelInterface

extension TensorReference {
  /// Turned pairs.
  public static func rotary(_ a: RotaryArguments, _ units: Range<Int>) {
    for place in 0..<a.batch * a.tokens {
      let position = min(a.tableRows - 1, max(0, place % a.tokens + Int(a.position?.pointee ?? 0)))
      for i in stride(from: place * a.width, to: place * a.width + a.heads * a.depth, by: 2) {
        let angle = a.table + position * a.depth + (i - place * a.width) % a.depth
        let (c, s) = (Double(angle[0]), Double(angle[1]) * (a.inverse ? -1 : 1))
        let (x, y) = (Double(a.x[i]), Double(a.x[i + 1]))
        a.y[i] = Float(x * c - y * s)
        a.y[i + 1] = Float(y * c + x * s)
      }
      for i in (place + 1) * a.width - a.kept..<(place + 1) * a.width { a.y[i] = a.x[i] }
    }
  }

  /// Picked rows.
  public static func embedding(_ a: EmbeddingArguments, _ units: Range<Int>) {
    for n in 0..<a.count {
      let index = min(a.rows - 1, max(0, Int(a.indices[n])))
      for i in 0..<a.width { a.y[n * a.width + i] = a.table[index * a.width + i] }
    }
  }

  /// Summed rows.
  public static func embeddingGradient(_ a: EmbeddingGradientArguments, _ units: Range<Int>) {
    var sums = [Double](repeating: 0, count: a.rows * a.width)
    for n in 0..<a.count {
      let index = min(a.rows - 1, max(0, Int(a.indices[n])))
      for i in 0..<a.width { sums[index * a.width + i] += Double(a.dy[n * a.width + i]) }
    }
    for i in sums.indices { a.table[i] = Float(sums[i]) }
  }

  /// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), written apart from what kernels
  /// call, so that each checks the other.
  public static func philox(_ counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let first = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = [second.high ^ c[1] ^ k[0], second.low, first.high ^ c[3] ^ k[1], first.low]
      k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
    }
    return c
  }

  /// The number in [0, 1) of one element of a draw.
  private static func uniform(_ index: Int, stream: UInt32, key: IndexInput) -> Double {
    let key = [UInt32(bitPattern: key[0]), UInt32(bitPattern: key[1])]
    return Double(philox([UInt32(truncatingIfNeeded: index / 4), stream, 0, 0], key: key)[index % 4] >> 8) * 0x1p-24
  }

  /// Elements zeroed at random.
  public static func dropout(_ a: DropoutArguments, _ units: Range<Int>) {
    for i in 0..<a.count {
      let kept = uniform(i, stream: a.stream, key: a.key) >= Double(a.rate)
      a.y[i] = kept ? Float(Double(a.x[i]) / (1 - Double(a.rate))) : 0
    }
  }

  /// Labels replaced at random.
  public static func dropLabels(_ a: DropLabelsArguments, _ units: Range<Int>) {
    for i in 0..<a.count {
      a.result[i] = uniform(i, stream: a.stream, key: a.key) < Double(a.rate) ? a.replacement : a.labels[i]
    }
  }

  /// Indices drawn from 0..<bound.
  public static func randomIndices(_ a: RandomIndicesArguments, _ units: Range<Int>) {
    for i in 0..<a.count { a.indices[i] = Int32(uniform(i, stream: a.stream, key: a.key) * Double(a.bound)) }
  }

  /// Sorted weights give the smallest one kept; the draw walks the kept ones in order of index.
  public static func sample(_ a: SampleArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let (temperature, topP) = (Double(a.settings[0]), Double(a.settings[2]))
    let topK = Int(max(0, min(a.settings[1].isNaN ? 0 : a.settings[1], Float(a.width))))
    for row in 0..<a.rows {
      let logits = (0..<a.width).map { Double(a.logits[row * a.width + $0]) }
      guard let peak = logits.max(), let greedy = logits.firstIndex(of: peak) else { continue }
      if temperature <= 0 {
        a.result[row] = Int32(greedy)
        continue
      }
      let weights = logits.map { exp(($0 - peak) / temperature) }
      var sorted = weights.sorted(by: >)
      var threshold = 0.0
      if topK >= 1 && topK < a.width {
        threshold = sorted[topK - 1]
        sorted = sorted.filter { $0 >= threshold }
      }
      if topP < 1 {
        let all = sorted.reduce(0, +)
        var kept = 0.0
        for weight in sorted {
          kept += weight
          threshold = weight
          if kept >= topP * all { break }
        }
      }
      let key = [UInt32(bitPattern: a.key[0]), UInt32(bitPattern: a.key[1])]
      let counter = [UInt32(truncatingIfNeeded: row), a.stream, UInt32(bitPattern: a.position[0]), 1]
      let uniform = Double(philox(counter, key: key)[0] >> 8) * 0x1p-24
      let target = uniform * weights.reduce(0.0) { $0 + ($1 >= threshold ? $1 : 0) }
      var (running, chosen) = (0.0, greedy)
      for i in 0..<a.width where weights[i] >= threshold && weights[i] > 0 {
        running += weights[i]
        chosen = i
        if running > target { break }
      }
      a.result[row] = Int32(chosen)
    }
  }

  /// counter += 1.
  public static func increment(_ a: IncrementArguments, _ units: Range<Int>) { a.counter[0] &+= 1 }

  /// The level before or after the change, or between them.
  public static func schedule(_ a: ScheduleArguments, _ units: Range<Int>) {
    let done = Double(Int(a.step[0]) - a.start)
    var share = 0.0
    switch a.shape {
    case .step: share = done >= 0 ? 1 : 0
    case .every: share = done >= 0 && done.truncatingRemainder(dividingBy: Double(a.span)) == 0 ? 1 : 0
    case .linear: share = a.span == 0 ? (done >= 0 ? 1 : 0) : min(1, max(0, done / Double(a.span)))
    case .cosine:
      share = a.span == 0 ? (done >= 0 ? 1 : 0) : (1 - cos(Double.pi * min(1, max(0, done / Double(a.span))))) / 2
    }
    a.value[0] = Float((1 - share) * Double(a.from) + share * Double(a.to))
  }

  /// Warm-up, then constant or cosine.
  public static func learningRate(_ a: LearningRateArguments, _ units: Range<Int>) {
    let done = Int(a.step[0])
    var factor = 1.0
    if done < a.warmup {
      factor = Double(done + 1) / Double(a.warmup)
    } else if a.cosine {
      let progress = min(1, Double(done - a.warmup) / Double(max(1, a.total - a.warmup)))
      factor = Double(a.final) + (1 - Double(a.final)) * 0.5 * (1 + cos(Double.pi * progress))
    }
    a.rate[0] = Float(Double(a.base) * factor)
  }

  /// Adam with bias correction and decoupled weight decay.
  public static func adam(_ a: AdamArguments, _ units: Range<Int>) {
    let (beta1, beta2, rate) = (Double(a.beta1), Double(a.beta2), Double(a.rate[0]))
    let steps = Double(a.step[0]) + 1
    for i in 0..<a.count {
      let g = Double(a.gradient[i]) * Double(a.scale[0])
      let m = beta1 * Double(a.moment1[i]) + (1 - beta1) * g
      let v = beta2 * Double(a.moment2[i]) + (1 - beta2) * g * g
      let update = m / (1 - pow(beta1, steps)) / ((v / (1 - pow(beta2, steps))).squareRoot() + Double(a.epsilon))
      let p = Double(a.parameter[i])
      a.parameter[i] = Float(p - rate * Double(a.weightDecay) * p - rate * update)
      a.moment1[i] = Float(m)
      a.moment2[i] = Float(v)
    }
  }

  /// decay * average + (1 - decay) * source.
  public static func movingAverage(_ a: MovingAverageArguments, _ units: Range<Int>) {
    for i in 0..<a.count {
      a.average[i] = Float(Double(a.decay) * Double(a.average[i]) + (1 - Double(a.decay)) * Double(a.source[i]))
    }
  }
}
