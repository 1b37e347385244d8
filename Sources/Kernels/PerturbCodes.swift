// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  /// Word 0 of the block (image, stream, 1, 2) decides on the image, words 0 and 1 of the block (position, stream, 0, 2)
  /// on the code and on its neighbour. Only replaced codes search the codebook.
  public static func perturbCodes(
    _ a: PerturbCodesArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let key = philoxKey(a.key)
    for row in elements(units, of: a.rows, unit: PerturbCodesArguments.block) {
      let code = a.codes[row]
      a.result[row] = code
      let image = SIMD4(UInt32(truncatingIfNeeded: row / a.tokens), a.stream, 1, 2)
      guard uniform(Philox.block(image, key: key)[0]) < a.images else { continue }
      let words = Philox.block(SIMD4(UInt32(truncatingIfNeeded: row), a.stream, 0, 2), key: key)
      guard uniform(words[0]) < a.share[0] else { continue }
      let rank = uniform(words[1], below: a.nearest)
      let neighbour = neighbour(a, of: min(a.size - 1, max(0, Int(code))), rank, scratch)
      a.result[row] = Int32(truncatingIfNeeded: neighbour)
    }
  }

  /// The entry after which `rank` others are nearer to an entry; the entry itself where distances are not numbers.
  ///
  /// A heap keeps the rank + 1 nearest entries so far, the farthest on top. Entries come in the order of their index, so
  /// one that is as far as the top is never nearer than it.
  private static func neighbour(
    _ a: PerturbCodesArguments, of code: Int, _ rank: Int, _ scratch: UnsafeMutableRawPointer
  ) -> Int {
    let distances = scratch.assumingMemoryBound(to: Float.self)
    let entries = (scratch + a.nearest * 4).assumingMemoryBound(to: Int32.self)
    for place in 0...rank {
      distances[place] = .infinity
      entries[place] = Int32(truncatingIfNeeded: code)
    }
    let z = a.entries + code * a.width
    let blockSize = (a.width + 1) * lanes
    for block in 0..<EntropyRowsArguments.padded(a.size) / lanes {
      let found = squaredDistance(z, a.packed + block * blockSize, a.width)
      for lane in 0..<lanes where found[lane] < distances[0] {
        let index = block * lanes + lane
        if index != code && index < a.size { replaceTop(distances, entries, rank + 1, found[lane], index) }
      }
    }
    return Int(entries[0])
  }

  /// Puts a nearer entry in the place of the farthest, and lets it sink below all that are farther.
  private static func replaceTop(
    _ distances: UnsafeMutablePointer<Float>, _ entries: UnsafeMutablePointer<Int32>, _ count: Int,
    _ distance: Float, _ index: Int
  ) {
    /// Whether the pair at a place is farther than another: of equal distances the higher index is.
    func isFarther(_ place: Int, than distance: Float, _ entry: Int32) -> Bool {
      distances[place] > distance || (distances[place] == distance && entries[place] > entry)
    }
    let entry = Int32(truncatingIfNeeded: index)
    var place = 0
    while 2 * place + 1 < count {
      var child = 2 * place + 1
      if child + 1 < count && isFarther(child + 1, than: distances[child], entries[child]) { child += 1 }
      guard isFarther(child, than: distance, entry) else { break }
      distances[place] = distances[child]
      entries[place] = entries[child]
      place = child
    }
    distances[place] = distance
    entries[place] = entry
  }
}
