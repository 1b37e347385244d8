// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func sample(_ a: SampleArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let weights = scratch.assumingMemoryBound(to: Float.self)
    let sorted = weights + a.width + 16
    let (temperature, topP) = (a.settings[0], a.settings[2])
    // Compared as floats: a number beyond all integers keeps everything.
    let topK = a.settings[1] >= 1 && a.settings[1] < Float(a.width) ? Int(a.settings[1]) : a.width
    for row in units {
      let logits = a.logits + row * a.width
      if temperature <= 0 {
        a.result[row] = Int32(truncatingIfNeeded: argmax(logits, a.width))
        continue
      }
      // Order among logits is order among weights, so both filters become one smallest weight that is kept.
      let peak = rowMaximum(logits, a.width)
      for i in 0..<a.width { weights[i] = exponential(splat((logits[i] - peak) / temperature))[0] }
      var threshold: Float = 0
      if topK < a.width || topP < 1 {
        sorted.update(from: weights, count: a.width)
        threshold = smallestKept(sorted, a.width, topK: topK, topP: topP)
      }
      var sum: Float = 0
      for i in 0..<a.width where weights[i] >= threshold { sum += weights[i] }
      let counter = SIMD4(UInt32(truncatingIfNeeded: row), a.stream, UInt32(bitPattern: a.position.pointee), 1)
      let target = uniform(Philox.block(counter, key: philoxKey(a.key))[0]) * sum
      var (running, chosen): (Float, Int) = (0, argmax(logits, a.width))
      for i in 0..<a.width where weights[i] >= threshold && weights[i] > 0 {
        running += weights[i]
        chosen = i
        if running > target { break }
      }
      a.result[row] = Int32(truncatingIfNeeded: chosen)
    }
  }

  /// The first index of the largest element.
  @inline(always)
  private static func argmax(_ x: UnsafePointer<Float>, _ count: Int) -> Int {
    let peak = rowMaximum(x, count)
    for i in 0..<count where x[i] == peak { return i }
    return 0
  }

  /// Sorts weights downwards by heap and walks until either filter closes.
  private static func smallestKept(
    _ w: UnsafeMutablePointer<Float>, _ count: Int, topK: Int, topP: Float
  ) -> Float {
    func sink(_ root: Int, _ end: Int) {
      var root = root
      while 2 * root + 1 < end {
        var child = 2 * root + 1
        if child + 1 < end && w[child + 1] > w[child] { child += 1 }
        if w[root] >= w[child] { return }
        (w[root], w[child]) = (w[child], w[root])
        root = child
      }
    }
    for root in stride(from: count / 2 - 1, through: 0, by: -1) { sink(root, count) }
    var all: Float = 0
    for i in 0..<count { all += w[i] }
    // top-p applies to the distribution that top-k leaves.
    var end = count
    var kept: Float = 0
    var threshold = w[0]
    if topK < count && topP < 1 {
      var sum: Float = 0
      for _ in 0..<topK { pop(&end, &sum) }
      all = sum
      for i in stride(from: count - 1, through: count - topK, by: -1) {
        threshold = w[i]
        kept += w[i]
        if kept >= topP * all { break }
      }
      return threshold
    }
    func pop(_ end: inout Int, _ sum: inout Float) {
      sum += w[0]
      end -= 1
      (w[0], w[end]) = (w[end], w[0])
      sink(0, end)
    }
    for _ in 0..<topK {
      threshold = w[0]
      pop(&end, &kept)
      if topP < 1 && kept >= topP * all { break }
    }
    return threshold
  }
}
