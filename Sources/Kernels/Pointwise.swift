// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func pointwise(_ a: PointwiseArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let stack = scratch.assumingMemoryBound(to: Float.self)
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    var start = range.lowerBound
    while start < range.upperBound {
      let count = min(PointwiseArguments.tile, range.upperBound - start)
      evaluate(a, start, count, stack)
      start += count
    }
  }

  /// One tile. What is on the stack lies in its own place of `stack`, or in an operand, which is then only read.
  @inline(__always)
  private static func evaluate(
    _ a: PointwiseArguments, _ start: Int, _ count: Int, _ stack: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: a.depth) { values in
      var height = 0
      for index in 0..<a.stepCount {
        // The last step writes the result, every other its place on the stack.
        let isLast = index == a.stepCount - 1
        func target(_ level: Int) -> UnsafeMutablePointer<Float> {
          isLast ? a.y + start : stack + level * PointwiseArguments.tile
        }
        switch a.steps[index] {
        case .operand(let number):
          let operand = a.operands[Int(number)]
          if operand.inner == a.count {
            values[height] = operand.base + start
          } else {
            let place = stack + height * PointwiseArguments.tile
            repeatElements(operand, start, count, place)
            values[height] = UnsafePointer(place)
          }
          height += 1
        case .unary(let function):
          let y = target(height - 1)
          unary(UnaryArguments(x: values[height - 1], y: y, count: count, function: function), 0..<1)
          values[height - 1] = UnsafePointer(y)
        case .affine(let scale, let offset):
          let y = target(height - 1)
          affine(AffineArguments(x: values[height - 1], y: y, count: count, scale: scale, offset: offset), 0..<1)
          values[height - 1] = UnsafePointer(y)
        case .binary(let function):
          let z = target(height - 2)
          binary(
            BinaryArguments(
              x: values[height - 2], y: values[height - 1], z: z, count: count, inner: count, function: function),
            0..<1)
          values[height - 2] = UnsafePointer(z)
          height -= 1
        }
      }
    }
  }

  /// Elements start..<start + count of an operand that repeats.
  @inline(__always)
  private static func repeatElements(
    _ operand: PointwiseOperand, _ start: Int, _ count: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    if operand.inner == 1 {
      target.update(repeating: operand.base[0], count: count)
      return
    }
    var done = 0
    while done < count {
      let inside = (start + done) % operand.inner
      let length = min(operand.inner - inside, count - done)
      (target + done).update(from: operand.base + inside, count: length)
      done += length
    }
  }
}
