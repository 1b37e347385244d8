extension RGBImage {
  /// Halves both sides (rounded down, at least 1) while the shorter side is at least twice `side`.
  ///
  /// Each pixel is the mean of its 2 x 2 box, rounded; where a side is odd some boxes are 3 wide. Large pictures reach the
  /// working size cheaply this way, and without the aliasing of one long step. (The boxes are those of the usual ADM recipe.)
  public func halved(towards side: Int) -> RGBImage {
    precondition(side > 0, "a side has at least one pixel")
    var image = self
    while image.shorterSide >= 2 * side { image = image.halvedOnce() }
    return image
  }

  private func halvedOnce() -> RGBImage {
    let newWidth = max(width / 2, 1)
    let newHeight = max(height / 2, 1)
    let columns = boxBounds(from: width, to: newWidth)
    let rows = boxBounds(from: height, to: newHeight)
    let result = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * 3) { output, count in
      bytes.withUnsafeBufferPointer { source in
        for y in 0..<newHeight {
          let target = UnsafeMutableBufferPointer(rebasing: output[(y * newWidth * 3)...])
          if width == 2 * newWidth && height == 2 * newHeight {
            halveEvenRow(
              UnsafeBufferPointer(rebasing: source[(2 * y * width * 3)...]), width: width, into: target, count: newWidth
            )
          } else {
            for x in 0..<newWidth {
              let area = (columns[x + 1] - columns[x]) * (rows[y + 1] - rows[y])
              for c in 0..<3 {
                var sum = area / 2
                for row in rows[y]..<rows[y + 1] {
                  for column in columns[x]..<columns[x + 1] { sum += Int(source[(row * width + column) * 3 + c]) }
                }
                target[x * 3 + c] = UInt8(sum / area)
              }
            }
          }
        }
      }
      count = newWidth * newHeight * 3
    }
    return RGBImage(width: newWidth, height: newHeight, bytes: result)
  }
}

/// Where each of `new` boxes begins on an axis of `old` pixels, and the end: multiples of old/new, rounded.
private func boxBounds(from old: Int, to new: Int) -> [Int] { (0...new).map { ($0 * old * 2 + new) / (2 * new) } }

@inline(__always) private func halveEvenRow(
  _ rows: UnsafeBufferPointer<UInt8>, width: Int, into target: UnsafeMutableBufferPointer<UInt8>, count: Int
) {
  let stride = width * 3
  for x in 0..<count {
    for c in 0..<3 {
      let place = x * 6 + c
      let upper = UInt16(rows[place]) + UInt16(rows[place + 3])
      let lower = UInt16(rows[stride + place]) + UInt16(rows[stride + place + 3])
      target[x * 3 + c] = UInt8((upper + lower + 2) >> 2)
    }
  }
}
