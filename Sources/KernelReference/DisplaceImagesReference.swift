import KernelInterface

extension TensorReference {
  private static func uniform(_ counter: [UInt32], _ word: Int, _ key: IndexInput) -> Double {
    Double(philox(counter, key: [UInt32(bitPattern: key[0]), UInt32(bitPattern: key[1])])[word] >> 8) * 0x1p-24
  }

  /// Numbers in [0, 1).
  public static func randomUniform(_ a: RandomUniformArguments, _ units: Range<Int>) {
    for i in 0..<a.count {
      let place = a.first + i
      a.result[i] = Float(uniform([UInt32(place / 4), a.stream, 0, 0], place % 4, a.key))
    }
  }

  /// Pixel by pixel: y[row, column] = x[row - down, column - right] outside of the hole, and the transpose of that.
  public static func displaceImages(_ a: DisplaceImagesArguments, _ units: Range<Int>) {
    let (height, width) = (a.size[0], a.size[1])
    for i in 0..<a.batch * height * width * a.channels { a.y[i] = 0 }
    for image in 0..<a.batch {
      func draw(_ word: Int, _ bound: Int) -> Int {
        Int(uniform([UInt32(a.first + image), a.stream, 0, 3], word, a.key) * Double(bound))
      }
      let (down, right) = (draw(0, 2 * a.shift + 1) - a.shift, draw(1, 2 * a.shift + 1) - a.shift)
      let top = draw(2, height + 1 - a.hole % 2) - a.hole / 2
      let left = draw(3, width + 1 - a.hole % 2) - a.hole / 2
      for row in 0..<height {
        for column in 0..<width {
          let isCut = (top..<top + a.hole).contains(row) && (left..<left + a.hole).contains(column)
          let (sourceRow, sourceColumn) = (row - down, column - right)
          guard !isCut, (0..<height).contains(sourceRow), (0..<width).contains(sourceColumn) else { continue }
          let moved = ((image * height + row) * width + column) * a.channels
          let source = ((image * height + sourceRow) * width + sourceColumn) * a.channels
          for c in 0..<a.channels {
            if a.inverse { a.y[source + c] = a.x[moved + c] } else { a.y[moved + c] = a.x[source + c] }
          }
        }
      }
    }
  }
}
