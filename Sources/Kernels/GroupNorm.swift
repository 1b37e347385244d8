// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func groupNorm(_ a: GroupNormArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let scale = scratch.assumingMemoryBound(to: Float.self)
    let shift = scale + a.channels + 16
    let sums = shift + a.channels + 16
    let squares = sums + a.channels + 16
    let size = a.channels / a.groups
    let inverse = 1 / Float(a.pixels * size)
    let chunks = GroupNormChunks(pixels: a.pixels, channels: a.channels)
    for unit in units {
      // With the statistics given, a unit is a chunk, else an image.
      let image = a.hasStatistics ? unit / chunks.count : unit
      let pixels = a.hasStatistics ? chunks.range(unit % chunks.count, of: a.pixels) : 0..<a.pixels
      let x = a.x + image * a.pixels * a.channels
      let y = a.y + image * a.pixels * a.channels
      if !a.hasStatistics {
        columnSums(x, a.pixels, a.channels, sums, block: scale)
        for group in 0..<a.groups {
          a.mean[image * a.groups + group] = rowSum(sums + group * size, size) * inverse
        }
        // Deviations from the mean, not a difference of large numbers.
        for channel in 0..<a.channels { shift[channel] = a.mean[image * a.groups + channel / size] }
        columnSquares(x, a.pixels, a.channels, shift, squares, block: scale)
        for group in 0..<a.groups {
          let variance = rowSum(squares + group * size, size) * inverse
          a.rstd[image * a.groups + group] = 1 / (variance + a.epsilon).squareRoot()
        }
      }
      for channel in 0..<a.channels {
        let group = image * a.groups + channel / size
        scale[channel] = a.gamma[channel] * a.rstd[group]
        shift[channel] = a.beta[channel] - a.mean[group] * scale[channel]
      }
      for pixel in pixels {
        let (source, target) = (x + pixel * a.channels, y + pixel * a.channels)
        if a.silu {
          forVectors(0..<a.channels) {
            let value = multiplyAdd(load(source, $0), load(scale, $0), load(shift, $0))
            store(value * sigmoid(value), target, $0)
          } partial: {
            let value = multiplyAdd(loadPartial(source + $0, $1), load(scale, $0), load(shift, $0))
            storePartial(value * sigmoid(value), target + $0, $1)
          }
        } else {
          forVectors(0..<a.channels) {
            store(multiplyAdd(load(source, $0), load(scale, $0), load(shift, $0)), target, $0)
          } partial: {
            storePartial(multiplyAdd(loadPartial(source + $0, $1), load(scale, $0), load(shift, $0)), target + $0, $1)
          }
        }
      }
    }
  }

  /// Rows that are summed one after another; their sums are added up: long sums lose precision.
  private static let summedRows = 32

  /// - Parameter block: Holds the sums of some rows.
  @inline(always)
  static func columnSums(
    _ x: UnsafePointer<Float>, _ rows: Int, _ width: Int, _ sums: UnsafeMutablePointer<Float>,
    block: UnsafeMutablePointer<Float>
  ) {
    sums.update(repeating: 0, count: width)
    for first in stride(from: 0, to: rows, by: summedRows) {
      block.update(repeating: 0, count: width)
      for row in first..<min(rows, first + summedRows) {
        let line = x + row * width
        forVectors(0..<width) {
          store(load(block, $0) + load(line, $0), block, $0)
        } partial: { start, count in
          for i in start..<start + count { block[i] += line[i] }
        }
      }
      add(block, to: sums, width)
    }
  }

  @inline(always)
  private static func add(_ block: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, _ width: Int) {
    forVectors(0..<width) {
      store(load(sums, $0) + load(block, $0), sums, $0)
    } partial: { start, count in
      for i in start..<start + count { sums[i] += block[i] }
    }
  }

  @inline(always)
  static func columnSquares(
    _ x: UnsafePointer<Float>, _ rows: Int, _ width: Int, _ mean: UnsafeMutablePointer<Float>,
    _ squares: UnsafeMutablePointer<Float>, block: UnsafeMutablePointer<Float>
  ) {
    squares.update(repeating: 0, count: width)
    for first in stride(from: 0, to: rows, by: summedRows) {
      block.update(repeating: 0, count: width)
      for row in first..<min(rows, first + summedRows) {
        let line = x + row * width
        forVectors(0..<width) {
          let d = load(line, $0) - load(mean, $0)
          store(multiplyAdd(d, d, load(block, $0)), block, $0)
        } partial: { start, count in
          for i in start..<start + count {
            let d = line[i] - mean[i]
            block[i] += d * d
          }
        }
      }
      add(block, to: squares, width)
    }
  }

  public static func groupNormGradient(
    _ a: GroupNormGradientArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let scale = scratch.assumingMemoryBound(to: Float.self)
    let shift = scale + a.channels + 16
    let rstd = shift + a.channels + 16
    let offset = rstd + a.channels + 16
    let factor = offset + a.channels + 16
    let size = a.channels / a.groups
    let inverse = 1 / Float(a.pixels * size)
    for image in units {
      let x = a.x + image * a.pixels * a.channels
      let dy = a.dy + image * a.pixels * a.channels
      let dx = a.dx + image * a.pixels * a.channels
      let sum = a.sum.map { $0 + image * a.pixels * a.channels }
      let dgamma = a.dgamma + image * a.channels
      let dbeta = a.dbeta + image * a.channels
      for channel in 0..<a.channels {
        let group = image * a.groups + channel / size
        rstd[channel] = a.rstd[group]
        offset[channel] = -a.mean[group] * a.rstd[group]
        scale[channel] = a.gamma[channel]
        shift[channel] = a.beta[channel]
      }
      dgamma.update(repeating: 0, count: a.channels)
      dbeta.update(repeating: 0, count: a.channels)
      // dx holds dy through the activation between the two passes.
      for pixel in 0..<a.pixels {
        let place = pixel * a.channels
        @inline(always)
        func step(_ i: Int, _ x: Vector, _ dy: Vector) -> (Vector, Vector) {
          let normal = multiplyAdd(x, load(rstd, i), load(offset, i))
          let through = a.silu ? siluSlope(multiplyAdd(normal, load(scale, i), load(shift, i))) * dy : dy
          return (through, normal)
        }
        forVectors(0..<a.channels) {
          let (through, normal) = step($0, load(x, place + $0), load(dy, place + $0))
          store(through, dx, place + $0)
          store(load(dbeta, $0) + through, dbeta, $0)
          store(multiplyAdd(through, normal, load(dgamma, $0)), dgamma, $0)
        } partial: {
          let (through, normal) = step($0, loadPartial(x + place + $0, $1), loadPartial(dy + place + $0, $1))
          storePartial(through, dx + place + $0, $1)
          storePartial(loadPartial(dbeta + $0, $1) + through, dbeta + $0, $1)
          storePartial(multiplyAdd(through, normal, loadPartial(dgamma + $0, $1)), dgamma + $0, $1)
        }
      }
      // dx = rstd (gamma g - mean(gamma g) - normal mean(gamma g normal)), written as dx = A g + B x + C per channel.
      for group in 0..<a.groups {
        var (total, product): (Float, Float) = (0, 0)
        for channel in group * size..<(group + 1) * size {
          total += a.gamma[channel] * dbeta[channel]
          product += a.gamma[channel] * dgamma[channel]
        }
        let (r, m) = (a.rstd[image * a.groups + group], a.mean[image * a.groups + group])
        for channel in group * size..<(group + 1) * size {
          scale[channel] = a.gamma[channel] * r
          factor[channel] = -r * r * product * inverse
          shift[channel] = r * inverse * (m * r * product - total)
        }
      }
      for pixel in 0..<a.pixels {
        let place = pixel * a.channels
        forVectors(0..<a.channels) {
          var value = multiplyAdd(load(x, place + $0), load(factor, $0), load(shift, $0))
          if let sum { value += load(sum, place + $0) }
          store(multiplyAdd(load(dx, place + $0), load(scale, $0), value), dx, place + $0)
        } partial: { start, count in
          for i in start..<start + count {
            dx[place + i] = dx[place + i] * scale[i] + (x[place + i] * factor[i] + shift[i]) + (sum?[place + i] ?? 0)
          }
        }
      }
    }
  }
}
