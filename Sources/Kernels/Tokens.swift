// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func rotary(_ a: RotaryArguments, _ units: Range<Int>) {
    let turned = a.heads * a.depth
    let start = a.position.map { Int($0.pointee) } ?? 0
    for token in elements(units, of: a.batch * a.tokens, unit: Partition.rows(width: a.width)) {
      let position = min(a.tableRows - 1, max(0, start + token % a.tokens))
      let table = a.table + position * a.depth
      let (x, y) = (a.x + token * a.width, a.y + token * a.width)
      for head in 0..<a.heads {
        turnHead(x + head * a.depth, y + head * a.depth, table, depth: a.depth, inverse: a.inverse)
      }
      if a.kept > 0 && UnsafePointer(y) != x { (y + turned).update(from: x + turned, count: a.kept) }
    }
  }

  /// Pairs of one head; y may be x.
  @inline(__always)
  private static func turnHead(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ table: UnsafePointer<Float>, depth: Int,
    inverse: Bool
  ) {
    let sign: Float = inverse ? -1 : 1
    var i = 0
    while i + lanes <= depth {
      let (pairs, angles) = (load(x, i), load(table, i))
      let (first, second, c, s) = (pairs.evenHalf, pairs.oddHalf, angles.evenHalf, angles.oddHalf * sign)
      var turned = Vector()
      turned.evenHalf = first * c - second * s
      turned.oddHalf = second * c + first * s
      store(turned, y, i)
      i += lanes
    }
    while i < depth {
      let (first, second, c, s) = (x[i], x[i + 1], table[i], table[i + 1] * sign)
      y[i] = first * c - second * s
      y[i + 1] = second * c + first * s
      i += 2
    }
  }

  public static func embedding(_ a: EmbeddingArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.count, unit: Partition.rows(width: a.width)) {
      let index = min(a.rows - 1, max(0, Int(a.indices[row])))
      (a.y + row * a.width).update(from: a.table + index * a.width, count: a.width)
    }
  }

  public static func embeddingGradient(_ a: EmbeddingGradientArguments, _ units: Range<Int>) {
    let parts = a.unitCount
    for unit in units {
      // A unit owns a range of table rows and looks for them among all indices.
      let owned = a.rows * unit / parts..<a.rows * (unit + 1) / parts
      (a.table + owned.lowerBound * a.width).update(repeating: 0, count: owned.count * a.width)
      for row in 0..<a.count {
        let index = min(a.rows - 1, max(0, Int(a.indices[row])))
        guard owned.contains(index) else { continue }
        let (target, source) = (a.table + index * a.width, a.dy + row * a.width)
        forVectors(0..<a.width) {
          store(load(target, $0) + load(source, $0), target, $0)
        } partial: { start, count in
          for i in start..<start + count { target[i] += source[i] }
        }
      }
    }
  }

  public static func dropout(_ a: DropoutArguments, _ units: Range<Int>) {
    let key = philoxKey(a.key)
    let factor = 1 / (1 - a.rate)
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    // Positive floats are ordered as their bits: no conversion is needed to compare 24 random bits with the rate.
    let offset: Int32 = 0x3f00_0000
    let threshold = Float(bitPattern: UInt32((a.rate * 0x1p24).rounded(.up)) + UInt32(offset))
    var i = range.lowerBound
    while i + 32 <= range.upperBound {
      let words = philoxRun(i / 4, stream: a.stream, key: key)
      withUnsafeBytes(of: words) { words in
        for j in stride(from: 0, to: 32, by: lanes) {
          // Shifts of vectors twice as wide as a register would be loops over lanes.
          let word = words.loadUnaligned(fromByteOffset: j * 4, as: IntVector.self)
          let drawn = floats(((word &>> 8) & IntVector(repeating: 0xff_ffff)) &+ IntVector(repeating: offset))
          let kept = load(a.x, i + j) * splat(factor)
          store(kept.replacing(with: 0, where: drawn .< splat(threshold)), a.y, i + j)
        }
      }
      i += 32
    }
    while i < range.upperBound {
      let words = Philox.block(SIMD4(UInt32(truncatingIfNeeded: i / 4), a.stream, 0, 0), key: key)
      for lane in 0..<min(4, range.upperBound - i) {
        a.y[i + lane] = uniform(words[lane]) < a.rate ? 0 : a.x[i + lane] * factor
      }
      i += 4
    }
  }

  public static func dropLabels(_ a: DropLabelsArguments, _ units: Range<Int>) {
    let key = philoxKey(a.key)
    for i in 0..<a.count {
      let words = Philox.block(SIMD4(UInt32(truncatingIfNeeded: i / 4), a.stream, 0, 0), key: key)
      a.result[i] = uniform(words[i % 4]) < a.rate ? a.replacement : a.labels[i]
    }
  }

  public static func randomIndices(_ a: RandomIndicesArguments, _ units: Range<Int>) {
    let key = philoxKey(a.key)
    for i in 0..<a.count {
      let words = Philox.block(SIMD4(UInt32(truncatingIfNeeded: i / 4), a.stream, 0, 0), key: key)
      // The high part of a product maps 24 random bits to the range.
      a.indices[i] = Int32(truncatingIfNeeded: uniform(words[i % 4], below: a.bound))
    }
  }
}
