import KernelInterface

extension TensorReference {
  /// All other entries sorted by distance, then by index; the draw picks one of the first.
  public static func perturbCodes(
    _ a: PerturbCodesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let key = [UInt32(bitPattern: a.key[0]), UInt32(bitPattern: a.key[1])]
    func uniform(_ counter: Int, _ kind: UInt32, _ word: Int) -> Double {
      Double(philox([UInt32(truncatingIfNeeded: counter), a.stream, kind, 2], key: key)[word] >> 8) * 0x1p-24
    }
    func distance(_ i: Int, _ j: Int) -> Double {
      (0..<a.width).reduce(0) { sum, d in
        let difference = Double(a.entries[i * a.width + d]) - Double(a.entries[j * a.width + d])
        return sum + difference * difference
      }
    }
    for row in 0..<a.rows {
      a.result[row] = a.codes[row]
      guard uniform(row / a.tokens, 1, 0) < Double(a.images), uniform(row, 0, 0) < Double(a.share[0]) else { continue }
      let code = Int(a.codes[row])
      let others = (0..<a.size).filter { $0 != code }.sorted { (distance(code, $0), $0) < (distance(code, $1), $1) }
      a.result[row] = Int32(others[Int(uniform(row, 0, 1) * Double(a.nearest))])
    }
  }
}
