import KernelInterface

extension TensorReference {
  /// Two passes per group, then scale, shift and SiLU.
  public static func groupNorm(_ a: GroupNormArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let size = a.channels / a.groups
    for image in 0..<a.batch {
      for group in 0..<a.groups {
        var places: [Int] = []
        for pixel in 0..<a.pixels {
          for channel in group * size..<(group + 1) * size {
            places.append((image * a.pixels + pixel) * a.channels + channel)
          }
        }
        let known = (mean: Double(a.mean[image * a.groups + group]), rstd: Double(a.rstd[image * a.groups + group]))
        let mean =
          a.hasStatistics ? known.mean : places.reduce(0.0) { $0 + Double(a.x[$1]) } / Double(places.count)
        let variance =
          places.reduce(0.0) { $0 + (Double(a.x[$1]) - mean) * (Double(a.x[$1]) - mean) } / Double(places.count)
        let rstd = a.hasStatistics ? known.rstd : 1 / (variance + Double(a.epsilon)).squareRoot()
        a.mean[image * a.groups + group] = Float(mean)
        a.rstd[image * a.groups + group] = Float(rstd)
        for place in places {
          let channel = place % a.channels
          let y = (Double(a.x[place]) - mean) * rstd * Double(a.gamma[channel]) + Double(a.beta[channel])
          a.y[place] = Float(a.silu ? value(UnaryKernel.silu, y) : y)
        }
      }
    }
  }

  /// Two passes per group and chunk.
  public static func groupNormPartials(
    _ a: GroupNormPartialsArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let size = a.channels / a.groups
    for unit in 0..<a.unitCount {
      let (image, chunk) = (unit / a.chunks.count, unit % a.chunks.count)
      for group in 0..<a.groups {
        let values = a.chunks.range(chunk, of: a.pixels).flatMap { pixel in
          (group * size..<(group + 1) * size).map { Double(a.x[(image * a.pixels + pixel) * a.channels + $0]) }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        a.means[unit * a.groups + group] = Float(mean)
        a.squares[unit * a.groups + group] = Float(values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
      }
    }
  }

  /// Two passes over the elements themselves.
  public static func groupNormFinish(_ a: GroupNormFinishArguments, _ units: Range<Int>) {
    let p = a.partials
    let size = p.channels / p.groups
    for image in 0..<p.batch {
      for group in 0..<p.groups {
        let values = (0..<p.pixels).flatMap { pixel in
          (group * size..<(group + 1) * size).map { Double(p.x[(image * p.pixels + pixel) * p.channels + $0]) }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        a.mean[image * p.groups + group] = Float(mean)
        a.rstd[image * p.groups + group] = Float(1 / (variance + Double(a.epsilon)).squareRoot())
      }
    }
  }

  /// The textbook gradient from the saved mean and reciprocal deviation.
  public static func groupNormGradient(
    _ a: GroupNormGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let size = a.channels / a.groups
    for image in 0..<a.batch {
      for group in 0..<a.groups {
        let (mean, rstd) = (Double(a.mean[image * a.groups + group]), Double(a.rstd[image * a.groups + group]))
        let channels = group * size..<(group + 1) * size
        func place(_ pixel: Int, _ channel: Int) -> Int { (image * a.pixels + pixel) * a.channels + channel }
        func normal(_ place: Int) -> Double { (Double(a.x[place]) - mean) * rstd }
        func through(_ place: Int, _ channel: Int) -> Double {
          let y = normal(place) * Double(a.gamma[channel]) + Double(a.beta[channel])
          return Double(a.dy[place]) * (a.silu ? siluSlope(y) : 1)
        }
        var (sum, product) = (0.0, 0.0)
        for channel in channels {
          var (dgamma, dbeta) = (0.0, 0.0)
          for pixel in 0..<a.pixels {
            let p = place(pixel, channel)
            dgamma += through(p, channel) * normal(p)
            dbeta += through(p, channel)
          }
          a.dgamma[image * a.channels + channel] = Float(dgamma)
          a.dbeta[image * a.channels + channel] = Float(dbeta)
          sum += dbeta * Double(a.gamma[channel])
          product += dgamma * Double(a.gamma[channel])
        }
        let count = Double(size * a.pixels)
        for channel in channels {
          for pixel in 0..<a.pixels {
            let p = place(pixel, channel)
            let g = through(p, channel) * Double(a.gamma[channel])
            a.dx[p] = Float(rstd * (g - sum / count - normal(p) * product / count) + Double(a.sum?[p] ?? 0))
          }
        }
      }
    }
  }

  /// Layer normalisation or root-mean-square normalisation.
  public static func rowNorm(_ a: RowNormArguments, _ units: Range<Int>) {
    let count = Double(a.width)
    for row in 0..<a.rows {
      let x = (0..<a.width).map { Double(a.x[row * a.width + $0]) }
      let mean = a.mean == nil ? 0 : x.reduce(0, +) / count
      let rstd = 1 / (x.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / count + Double(a.epsilon)).squareRoot()
      a.mean?[row] = Float(mean)
      a.rstd[row] = Float(rstd)
      for i in 0..<a.width {
        a.y[row * a.width + i] = Float((x[i] - mean) * rstd * Double(a.gamma[i]) + Double(a.beta?[i] ?? 0))
      }
    }
  }

  /// The textbook gradient; sums over rows in the kernel's chunks.
  public static func rowNormGradient(_ a: RowNormGradientArguments, _ units: Range<Int>) {
    let count = Double(a.width)
    let chunks = RowNormGradientArguments.chunks(rows: a.rows)
    for chunk in 0..<chunks {
      var (dgamma, dbeta) = ([Double](repeating: 0, count: a.width), [Double](repeating: 0, count: a.width))
      for row in a.rows * chunk / chunks..<a.rows * (chunk + 1) / chunks {
        let (mean, rstd) = (Double(a.mean?[row] ?? 0), Double(a.rstd[row]))
        let normal = (0..<a.width).map { (Double(a.x[row * a.width + $0]) - mean) * rstd }
        let dy = (0..<a.width).map { Double(a.dy[row * a.width + $0]) }
        var (sum, product) = (0.0, 0.0)
        for i in 0..<a.width {
          dgamma[i] += dy[i] * normal[i]
          dbeta[i] += dy[i]
          sum += dy[i] * Double(a.gamma[i])
          product += dy[i] * Double(a.gamma[i]) * normal[i]
        }
        if a.mean == nil { sum = 0 }
        for i in 0..<a.width {
          let g = dy[i] * Double(a.gamma[i])
          let added = Double(a.sum?[row * a.width + i] ?? 0)
          a.dx[row * a.width + i] = Float(rstd * (g - sum / count - normal[i] * product / count) + added)
        }
      }
      for i in 0..<a.width {
        a.dgamma[chunk * a.width + i] = Float(dgamma[i])
        a.dbeta?[chunk * a.width + i] = Float(dbeta[i])
      }
    }
  }

  /// x / max(|x|, epsilon).
  public static func l2Normalize(_ a: L2NormalizeArguments, _ units: Range<Int>) {
    for row in 0..<a.rows {
      let x = (0..<a.width).map { Double(a.x[row * a.width + $0]) }
      let norm = max(x.reduce(0.0) { $0 + $1 * $1 }.squareRoot(), Double(a.epsilon))
      for i in 0..<a.width { a.y[row * a.width + i] = Float(x[i] / norm) }
    }
  }

  /// (dy - y (y dy)) / |x|, or dy / epsilon below epsilon.
  public static func l2NormalizeGradient(_ a: L2NormalizeGradientArguments, _ units: Range<Int>) {
    for row in 0..<a.rows {
      let x = (0..<a.width).map { Double(a.x[row * a.width + $0]) }
      let dy = (0..<a.width).map { Double(a.dy[row * a.width + $0]) }
      let norm = x.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
      let divisor = max(norm, Double(a.epsilon))
      let along = norm > Double(a.epsilon) ? zip(x, dy).reduce(0.0) { $0 + $1.0 * $1.1 } / (divisor * divisor) : 0
      for i in 0..<a.width { a.dx[row * a.width + i] = Float((dy[i] - x[i] * along) / divisor) }
    }
  }
}
