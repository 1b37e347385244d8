import KernelInterface
import KernelReference
import Runtime
import Testing

/// Kernels of the teachers' input, of periodic work and of codebook restarts.
@Suite struct MethodKernelTests {
  @Test(arguments: KernelSelection.available)
  func resizing(_ set: InstructionSet) {
    for (source, target) in [(SIMD2(1, 1), SIMD2(3, 2)), (SIMD2(7, 5), SIMD2(4, 9)), (SIMD2(8, 8), SIMD2(8, 8))] {
      for channels in [1, 3, 17] {
        var numbers = Samples(channels)
        let x = numbers.normal(2 * source[0] * source[1] * channels)
        expectMatch(set, "\(source) to \(target)", .exact) { s in
          let a = ResizeNearestArguments(
            x: s.input(x), y: s.output(2 * target[0] * target[1] * channels), batch: 2, source: source,
            target: target, channels: channels)
          s.run(a) { s.kernels.resizeNearest($0, $1) }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func schedules(_ set: InstructionSet) {
    for shape in [ScheduleKernel.step, .linear, .cosine, .every] {
      for (start, span) in [(0, 4), (10, 7), (5, 1)] + (shape == .every ? [] : [(3, 0)]) {
        for step in [0, 4, 5, 9, 10, 11, 13, 17, 100] {
          expectMatch(set, "\(shape) from \(start) over \(span) at \(step)") { s in
            let a = ScheduleArguments(
              step: s.indices([Int32(step)]), value: s.output(1), shape: shape, from: 0.25, to: -1.5, start: start,
              span: span)
            s.run(a) { s.kernels.schedule($0, $1) }
          }
        }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func randomIndices(_ set: InstructionSet) {
    for (count, bound) in [(1, 1), (7, 5), (33, 1000), (16, 1 << 23)] {
      expectMatch(set, "\(count) below \(bound)", .exact) { s in
        let a = RandomIndicesArguments(
          key: s.indices([3, 77]), indices: s.indexOutput(count), count: count, bound: bound, stream: 9)
        s.run(a) { s.kernels.randomIndices($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func randomUniform(_ set: InstructionSet) {
    for (count, first) in [(1, 0), (7, 5), (33, 1002)] {
      expectMatch(set, "\(count) from \(first)", .exact) { s in
        let a = RandomUniformArguments(
          key: s.indices([3, 77]), result: s.output(count), count: count, first: first, stream: 9)
        s.run(a) { s.kernels.randomUniform($0, $1) }
      }
    }
  }

  /// Moves of none, some and all pixels, holes of none, odd, even and all pixels, forth and back.
  @Test(arguments: KernelSelection.available)
  func displacement(_ set: InstructionSet) {
    for (size, channels) in [(SIMD2(1, 1), 1), (SIMD2(5, 4), 3), (SIMD2(8, 8), 3), (SIMD2(3, 17), 2)] {
      for shift in Set([0, 1, size.min() - 1]) {
        for hole in Set([0, 1, 2, 3, size.min()]) where hole <= size.min() {
          var numbers = Samples(hole + shift)
          let x = numbers.normal(6 * size[0] * size[1] * channels)
          for inverse in [false, true] {
            expectMatch(set, "\(size) by \(shift), \(hole) cut, \(inverse)", .exact) { s in
              let a = DisplaceImagesArguments(
                x: s.input(x), key: s.indices([3, 77]), y: s.output(x.count), batch: 6, size: size, channels: channels,
                shift: shift, hole: hole, first: 2, stream: 9, inverse: inverse)
              s.run(a) { s.kernels.displaceImages($0, $1) }
            }
          }
        }
      }
    }
  }
}
