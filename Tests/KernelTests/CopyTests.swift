import KernelInterface
import KernelReference
import Runtime
import Testing

@Suite struct CopyTests {
  @Test(arguments: KernelSelection.available)
  func blocks(_ set: InstructionSet) {
    for (rows, length) in [(1, 1), (3, 7), (5, 33), (1000, 17), (2, 40000)] {
      var numbers = Samples(rows)
      let x = numbers.normal(rows * (length + 3))
      expectMatch(set, "copy \(rows) x \(length)", .exact) { s in
        let target = s.updated([Float](repeating: -1, count: rows * (length + 2)))
        let a = CopyBlocksArguments(
          source: s.input(x), target: target, rows: rows, length: length, sourceStride: length + 3,
          targetStride: length + 2)
        s.run(a) { s.kernels.copyBlocks($0, $1) }
      }
    }
  }

  /// Arguments of a permutation as the runtime makes them.
  private func arguments(_ source: FloatInput, _ target: FloatOutput, _ shape: [Int], _ order: [Int])
    -> TransposeArguments
  {
    var steps = [Int](repeating: 1, count: shape.count)
    for index in (0..<shape.count - 1).reversed() { steps[index] = steps[index + 1] * shape[index + 1] }
    var (extents, strides) = (SIMD8<Int>(repeating: 1), SIMD8<Int>())
    for (index, dimension) in order.enumerated() {
      extents[5 - shape.count + index] = shape[dimension]
      strides[5 - shape.count + index] = steps[dimension]
    }
    return TransposeArguments(source: source, target: target, extents: extents, strides: strides)
  }

  @Test(arguments: KernelSelection.available)
  func transpose(_ set: InstructionSet) {
    let cases: [([Int], [Int])] = [
      ([1, 1], [1, 0]), ([7, 33], [1, 0]), ([130, 257], [1, 0]), ([2, 19, 35], [0, 2, 1]),
      ([3, 4, 5, 6], [0, 2, 1, 3]),
      ([3, 17, 5, 18], [3, 1, 0, 2]), ([2, 3, 4, 5, 6], [4, 2, 0, 3, 1]), ([5, 64, 3, 16], [0, 2, 1, 3]),
      ([9, 11, 13], [2, 1, 0]), ([64, 3, 3, 48], [0, 3, 1, 2]),
    ]
    for (shape, order) in cases {
      var numbers = Samples(shape[0])
      let count = shape.reduce(1, *)
      let x = numbers.normal(count)
      expectMatch(set, "transpose \(shape) by \(order)", .exact) { s in
        s.run(arguments(s.input(x), s.output(count), shape, order)) { s.kernels.transpose($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func broadcast(_ set: InstructionSet) {
    for (outer, repeats, inner) in [(1, 1, 1), (3, 5, 7), (2, 9000, 1), (1, 33, 129), (40, 2, 1024)] {
      var numbers = Samples(inner)
      let x = numbers.normal(outer * inner)
      expectMatch(set, "broadcast \(outer) x \(repeats) x \(inner)", .exact) { s in
        let a = BroadcastArguments(
          x: s.input(x), y: s.output(outer * repeats * inner), outer: outer, repeats: repeats, inner: inner)
        s.run(a) { s.kernels.broadcast($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func cacheWrite(_ set: InstructionSet) {
    for position in [-3, 0, 4, 5, 900] {
      var numbers = Samples(3)
      let (x, cache) = (numbers.normal(2 * 19), numbers.normal(2 * 6 * 19))
      expectMatch(set, "cache write at \(position)", .exact) { s in
        let a = CacheWriteArguments(
          x: s.input(x), cache: s.updated(cache), position: s.indices([Int32(position)]), batch: 2, capacity: 6,
          width: 19)
        s.run(a) { s.kernels.cacheWrite($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func upsampling(_ set: InstructionSet) {
    for (batch, height, width, channels) in [(1, 1, 1, 1), (2, 3, 5, 7), (1, 4, 4, 33), (2, 2, 3, 64)] {
      var numbers = Samples(channels)
      let count = batch * height * width * channels
      let (x, dy) = (numbers.normal(count), numbers.normal(4 * count))
      expectMatch(set, "upsample to \(channels) channels", .exact) { s in
        let a = UpsampleArguments(
          x: s.input(x), y: s.output(4 * count), batch: batch, height: height, width: width, channels: channels)
        s.run(a) { s.kernels.upsample($0, $1) }
      }
      expectMatch(set, "gradient of upsampling") { s in
        let a = UpsampleGradientArguments(
          dy: s.input(dy), dx: s.output(count), batch: batch, height: height, width: width, channels: channels)
        s.run(a) { s.kernels.upsampleGradient($0, $1) }
      }
    }
  }
}
