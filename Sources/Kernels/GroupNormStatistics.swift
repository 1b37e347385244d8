// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func groupNormPartials(
    _ a: GroupNormPartialsArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let sums = scratch.assumingMemoryBound(to: Float.self)
    let centre = sums + a.channels + 16
    let block = centre + a.channels + 16
    let size = a.channels / a.groups
    let chunks = a.chunks
    for unit in units {
      let (image, chunk) = unit.quotientAndRemainder(dividingBy: chunks.count)
      let pixels = chunks.range(chunk, of: a.pixels)
      let x = a.x + (image * a.pixels + pixels.lowerBound) * a.channels
      let means = a.means + unit * a.groups
      let squares = a.squares + unit * a.groups
      columnSums(x, pixels.count, a.channels, sums, block: block)
      for group in 0..<a.groups { means[group] = rowSum(sums + group * size, size) / Float(pixels.count * size) }
      for channel in 0..<a.channels { centre[channel] = means[channel / size] }
      columnSquares(x, pixels.count, a.channels, centre, sums, block: block)
      for group in 0..<a.groups { squares[group] = rowSum(sums + group * size, size) }
    }
  }

  /// The squared deviations of the whole are those within chunks and those of the chunks' means (Chan et al. 1979).
  public static func groupNormFinish(_ a: GroupNormFinishArguments, _ units: Range<Int>) {
    let p = a.partials
    let chunks = p.chunks
    let size = p.channels / p.groups
    for image in units {
      for group in 0..<p.groups {
        let first = image * chunks.count * p.groups + group
        var mean = 0.0
        for chunk in 0..<chunks.count {
          mean += Double(p.means[first + chunk * p.groups]) * Double(chunks.range(chunk, of: p.pixels).count)
        }
        mean /= Double(p.pixels)
        var squares = 0.0
        for chunk in 0..<chunks.count {
          let deviation = Double(p.means[first + chunk * p.groups]) - mean
          let count = Double(chunks.range(chunk, of: p.pixels).count * size)
          squares += Double(p.squares[first + chunk * p.groups]) + count * deviation * deviation
        }
        let variance = squares / Double(p.pixels * size)
        a.mean[image * p.groups + group] = Float(mean)
        a.rstd[image * p.groups + group] = Float(1 / (variance + Double(a.epsilon)).squareRoot())
      }
    }
  }
}
