// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func copyBlocks(_ a: CopyBlocksArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.length)) {
      (a.target + row * a.targetStride).update(from: a.source + row * a.sourceStride, count: a.length)
    }
  }

  public static func transpose(_ a: TransposeArguments, _ units: Range<Int>) {
    let (e, s) = (a.extents, a.strides)
    let unitSize = e[2] * e[3] * e[4]
    for unit in units {
      let base = a.source + unit / e[1] * s[0] + unit % e[1] * s[1]
      var target = a.target + unit * unitSize
      for i in 0..<e[2] {
        for j in 0..<e[3] {
          let line = base + i * s[2] + j * s[3]
          if s[4] == 1 {
            target.update(from: line, count: e[4])
          } else {
            for k in 0..<e[4] { target[k] = line[k * s[4]] }
          }
          target += e[4]
        }
      }
    }
  }

  public static func broadcast(_ a: BroadcastArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.outer * a.repeats, unit: Partition.rows(width: a.inner)) {
      (a.y + row * a.inner).update(from: a.x + row / a.repeats * a.inner, count: a.inner)
    }
  }

  public static func cacheWrite(_ a: CacheWriteArguments, _ units: Range<Int>) {
    let position = min(a.capacity - 1, max(0, Int(a.position.pointee)))
    for row in 0..<a.batch {
      (a.cache + (row * a.capacity + position) * a.width).update(from: a.x + row * a.width, count: a.width)
    }
  }

  public static func resizeNearest(_ a: ResizeNearestArguments, _ units: Range<Int>) {
    for unit in units {
      let (image, row) = unit.quotientAndRemainder(dividingBy: a.target[0])
      let source = a.x + (image * a.source[0] + row * a.source[0] / a.target[0]) * a.source[1] * a.channels
      let target = a.y + unit * a.target[1] * a.channels
      for column in 0..<a.target[1] {
        let from = column * a.source[1] / a.target[1]
        (target + column * a.channels).update(from: source + from * a.channels, count: a.channels)
      }
    }
  }

  public static func upsample(_ a: UpsampleArguments, _ units: Range<Int>) {
    let line = 2 * a.width * a.channels
    for unit in units {
      let target = a.y + unit * 2 * line
      for column in 0..<a.width {
        let source = a.x + (unit * a.width + column) * a.channels
        (target + 2 * column * a.channels).update(from: source, count: a.channels)
        (target + (2 * column + 1) * a.channels).update(from: source, count: a.channels)
      }
      (target + line).update(from: target, count: line)
    }
  }

  public static func upsampleGradient(_ a: UpsampleGradientArguments, _ units: Range<Int>) {
    let line = 2 * a.width * a.channels
    for unit in units {
      for column in 0..<a.width {
        let top = a.dy + unit * 2 * line + 2 * column * a.channels
        let bottom = top + line
        let target = a.dx + (unit * a.width + column) * a.channels
        let right = a.channels
        forVectors(0..<a.channels) {
          store((load(top, $0) + load(top, right + $0)) + (load(bottom, $0) + load(bottom, right + $0)), target, $0)
        } partial: { start, count in
          for i in start..<start + count {
            target[i] = (top[i] + top[right + i]) + (bottom[i] + bottom[right + i])
          }
        }
      }
    }
  }
}
