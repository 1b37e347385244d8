import KernelInterface
import KernelReference
import Runtime
import Testing

/// Normalisations and their gradients.
@Suite struct NormTests {
  /// Images, pixels, channels, groups: one of everything, groups narrower and wider than a vector, many pixels.
  static let images = [
    (1, 1, 1, 1), (2, 6, 8, 4), (1, 35, 33, 3), (3, 16, 64, 32), (2, 9, 130, 10), (1, 300, 48, 1), (1, 7, 21, 21),
  ]

  @Test(arguments: KernelSelection.available, [false, true])
  func groupNorm(_ set: InstructionSet, silu: Bool) {
    for (batch, pixels, channels, groups) in Self.images {
      // A mean far from zero would show a variance computed as a difference of large numbers.
      for offset: Float in [0, 30] {
        var numbers = Samples(channels)
        let x = numbers.normal(batch * pixels * channels).map { $0 + offset }
        let (gamma, beta) = (numbers.normal(channels), numbers.normal(channels))
        let label = "group norm of \(batch) x \(pixels) x \(channels) in \(groups) groups around \(offset)"
        let tolerance = Tolerance(relative: 1e-6, absolute: (2e-6 + 1e-6 * offset) * (channels == groups ? 20 : 1))
        expectMatch(set, label, tolerance) { s in
          let a = GroupNormArguments(
            x: s.input(x), gamma: s.input(gamma), beta: s.input(beta), y: s.output(x.count),
            mean: s.output(batch * groups), rstd: s.output(batch * groups), batch: batch, pixels: pixels,
            channels: channels, groups: groups, epsilon: pixels * channels == 1 ? 1 : 1e-3, silu: silu)
          s.run(a) { s.kernels.groupNorm($0, $1, $2) }
        }
      }
    }
  }

  /// Statistics by chunks: one, several, a short last one.
  @Test(arguments: KernelSelection.available, [(1, 9, 6, 3), (2, 5000, 33, 11), (1, 1025, 128, 32), (1, 2048, 64, 64)])
  func groupNormStatisticsByChunks(_ set: InstructionSet, _ image: (Int, Int, Int, Int)) {
    let (batch, pixels, channels, groups) = image
    for offset: Float in [0, 30] {
      var numbers = Samples(channels)
      let x = numbers.normal(batch * pixels * channels).map { $0 + offset }
      let count = batch * GroupNormChunks(pixels: pixels, channels: channels).count * groups
      expectMatch(set, "statistics of \(image) around \(offset)", Tolerance(relative: 2e-5, absolute: 1e-6)) { s in
        let partials = GroupNormPartialsArguments(
          x: s.input(x), means: s.output(count), squares: s.output(count), batch: batch, pixels: pixels,
          channels: channels, groups: groups)
        s.run(partials) { s.kernels.groupNormPartials($0, $1, $2) }
        let finish = GroupNormFinishArguments(
          partials: partials, mean: s.output(batch * groups), rstd: s.output(batch * groups), epsilon: 1e-3)
        s.run(finish) { a, units, _ in s.kernels.groupNormFinish(a, units) }
      }
    }
  }

  @Test(arguments: KernelSelection.available, [false, true])
  func groupNormFromStatistics(_ set: InstructionSet, silu: Bool) {
    for (batch, pixels, channels, groups) in Self.images {
      var numbers = Samples(channels)
      let x = numbers.normal(batch * pixels * channels)
      let (gamma, beta) = (numbers.normal(channels), numbers.normal(channels))
      let (mean, rstd) = (numbers.normal(batch * groups), numbers.uniform(batch * groups, 0.5...1.5))
      let label = "group norm of \(batch) x \(pixels) x \(channels) in \(groups) groups from statistics"
      expectMatch(set, label, Tolerance(relative: 1e-6, absolute: 4e-6)) { s in
        let a = GroupNormArguments(
          x: s.input(x), gamma: s.input(gamma), beta: s.input(beta), y: s.output(x.count), mean: s.updated(mean),
          rstd: s.updated(rstd), batch: batch, pixels: pixels, channels: channels, groups: groups, epsilon: 0,
          silu: silu, hasStatistics: true)
        s.run(a) { s.kernels.groupNorm($0, $1, $2) }
      }
    }
  }

  @Test(arguments: KernelSelection.available, [false, true])
  func groupNormGradient(_ set: InstructionSet, silu: Bool) {
    for (batch, pixels, channels, groups) in Self.images {
      var numbers = Samples(pixels)
      let count = batch * pixels * channels
      let (x, dy) = (numbers.normal(count), numbers.normal(count))
      let (gamma, beta) = (numbers.normal(channels), numbers.normal(channels))
      let mean = numbers.uniform(batch * groups, -0.2...0.2)
      let rstd = numbers.uniform(batch * groups, 0.5...1.5)
      let label = "gradient of group norm of \(batch) x \(pixels) x \(channels) in \(groups) groups"
      expectMatch(set, label, Tolerance(relative: 3e-6, absolute: 2e-6 * Float(pixels).squareRoot())) { s in
        let a = GroupNormGradientArguments(
          x: s.input(x), gamma: s.input(gamma), beta: s.input(beta), mean: s.input(mean), rstd: s.input(rstd),
          dy: s.input(dy), sum: silu ? s.input(x) : nil, dx: s.output(count), dgamma: s.output(batch * channels),
          dbeta: s.output(batch * channels), batch: batch, pixels: pixels, channels: channels, groups: groups,
          silu: silu)
        s.run(a) { s.kernels.groupNormGradient($0, $1, $2) }
      }
    }
  }

  /// Rows and widths around the vector widths, more rows than a chunk or a unit holds.
  static let rows = [(1, 1), (3, 7), (17, 16), (5, 33), (600, 48), (40, 513), (33, 1030)]

  @Test(arguments: KernelSelection.available, [false, true])
  func rowNorm(_ set: InstructionSet, layer: Bool) {
    for (rows, width) in Self.rows {
      var numbers = Samples(width)
      let x = numbers.normal(rows * width).map { $0 + (layer ? 20 : 0) }
      let (gamma, beta) = (numbers.normal(width), numbers.normal(width))
      let label = "\(layer ? "layer" : "rms") norm of \(rows) x \(width)"
      expectMatch(set, label, Tolerance(relative: 4e-6, absolute: layer ? 3e-5 : 1e-6)) { s in
        let a = RowNormArguments(
          x: s.input(x), gamma: s.input(gamma), beta: layer ? s.input(beta) : nil, y: s.output(x.count),
          mean: layer ? s.output(rows) : nil, rstd: s.output(rows), rows: rows, width: width,
          epsilon: width == 1 ? 1 : 1e-5)
        s.run(a) { s.kernels.rowNorm($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available, [false, true])
  func rowNormGradient(_ set: InstructionSet, layer: Bool) {
    for (rows, width) in Self.rows {
      var numbers = Samples(rows)
      let (x, dy, gamma) = (numbers.normal(rows * width), numbers.normal(rows * width), numbers.normal(width))
      let (mean, rstd) = (numbers.uniform(rows, -0.2...0.2), numbers.uniform(rows, 0.5...1.5))
      let chunks = RowNormGradientArguments.chunks(rows: rows)
      let label = "gradient of \(layer ? "layer" : "rms") norm of \(rows) x \(width)"
      expectMatch(set, label, Tolerance(relative: 2e-6, absolute: 6e-6)) { s in
        let a = RowNormGradientArguments(
          x: s.input(x), gamma: s.input(gamma), mean: layer ? s.input(mean) : nil, rstd: s.input(rstd),
          dy: s.input(dy), dx: s.output(x.count), dgamma: s.output(chunks * width),
          dbeta: layer ? s.output(chunks * width) : nil, rows: rows, width: width)
        s.run(a) { s.kernels.rowNormGradient($0, $1) }
      }
    }
  }

  @Test(arguments: KernelSelection.available)
  func l2Normalize(_ set: InstructionSet) {
    for (rows, width) in [(1, 1), (7, 4), (5, 8), (2100, 8), (9, 33), (3, 257)] {
      var numbers = Samples(rows)
      var (x, dy) = (numbers.normal(rows * width), numbers.normal(rows * width))
      // A row of zeros and one shorter than epsilon have a constant divisor.
      for i in 0..<min(width, x.count) { x[i] = 0 }
      if rows > 2 { for i in width..<2 * width { (x[i], dy[i]) = (x[i] * 1e-9, dy[i] * 1e-6) } }
      expectMatch(set, "l2 norm of \(rows) x \(width)", Tolerance(relative: 1e-6, absolute: 1e-7)) { s in
        let a = L2NormalizeArguments(
          x: s.input(x), y: s.output(x.count), rows: rows, width: width, epsilon: 1e-6)
        s.run(a) { s.kernels.l2Normalize($0, $1) }
      }
      // A row of norm r has gradients of size 1 / r; the short rows divide by epsilon.
      expectMatch(set, "gradient of l2 norm of \(rows) x \(width)", Tolerance(relative: 3e-6, absolute: 1e-5)) { s in
        let a = L2NormalizeGradientArguments(
          x: s.input(x), dy: s.input(dy), dx: s.output(x.count), rows: rows, width: width, epsilon: 1e-6)
        s.run(a) { s.kernels.l2NormalizeGradient($0, $1) }
      }
    }
  }
}
