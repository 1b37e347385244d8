// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func randomUniform(_ a: RandomUniformArguments, _ units: Range<Int>) {
    let key = philoxKey(a.key)
    for i in 0..<a.count {
      let place = a.first + i
      let words = Philox.block(SIMD4(UInt32(truncatingIfNeeded: place / 4), a.stream, 0, 0), key: key)
      a.result[i] = uniform(words[place % 4])
    }
  }

  /// The four words of the block (image, stream, 0, 3) are the move down and right and the middle of the hole.
  public static func displaceImages(_ a: DisplaceImagesArguments, _ units: Range<Int>) {
    let key = philoxKey(a.key)
    let (height, width) = (a.size[0], a.size[1])
    let rowLength = width * a.channels
    for unit in units {
      let (image, row) = (unit / height, unit % height)
      let words = Philox.block(SIMD4(UInt32(truncatingIfNeeded: a.first + image), a.stream, 0, 3), key: key)
      let down = uniform(words[0], below: 2 * a.shift + 1) - a.shift
      let right = uniform(words[1], below: 2 * a.shift + 1) - a.shift
      let holeTop = uniform(words[2], below: height + 1 - a.hole % 2) - a.hole / 2
      let holeLeft = uniform(words[3], below: width + 1 - a.hole % 2) - a.hole / 2
      let (moveDown, moveRight) = a.inverse ? (-down, -right) : (down, right)
      let source = row - moveDown
      let y = a.y + (image * height + row) * rowLength
      let kept = max(0, moveRight)..<min(width, width + moveRight)
      guard source >= 0 && source < height && !kept.isEmpty else {
        y.update(repeating: 0, count: rowLength)
        continue
      }
      let x = a.x + (image * height + source) * rowLength
      for i in 0..<kept.lowerBound * a.channels { y[i] = 0 }
      for i in kept.lowerBound * a.channels..<kept.upperBound * a.channels { y[i] = x[i - moveRight * a.channels] }
      for i in kept.upperBound * a.channels..<rowLength { y[i] = 0 }
      // The hole lies in what was moved, which the adjoint reads and all else writes.
      let (holeRow, offset) = a.inverse ? (source, -right) : (row, 0)
      guard holeRow >= holeTop && holeRow < holeTop + a.hole else { continue }
      let start = min(width, max(0, holeLeft + offset))
      let end = min(width, max(start, holeLeft + a.hole + offset))
      for i in start * a.channels..<end * a.channels { y[i] = 0 }
    }
  }
}
