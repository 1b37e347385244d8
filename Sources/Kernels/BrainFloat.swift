import CBrainFloat
import KernelInterface

// Products of bfloat16 numbers with f32 sums. Two consecutive k share a 32-bit word, the even one in its lower half, which
// is what the instruction for such products reads. Processors without it widen the words and multiply in f32: the same
// products, summed in another order.

/// A word's halves as f32.
@inline(__always)
func evenHalves(_ words: IntVector) -> Vector { floats(words &<< 16) }
@inline(__always)
func oddHalves(_ words: IntVector) -> Vector { floats(words & IntVector(repeating: Int32(bitPattern: 0xffff_0000))) }

/// Memory of elements seen as memory of words.
@inline(__always)
func words(_ memory: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt32> {
  UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt32.self)
}
@inline(__always)
func words(_ memory: UnsafePointer<Float>) -> UnsafePointer<UInt32> {
  UnsafeRawPointer(memory).assumingMemoryBound(to: UInt32.self)
}

extension Kernels {
  /// Whether the processor multiplies bfloat16 numbers itself.
  @inline(__always)
  static var hasPairedDots: Bool {
    #if FACET_AVX512
      facet_has_bf16_dots() != 0
    #else
      false
    #endif
  }

  /// Rounds a row; a zero follows an odd number of elements.
  @inline(__always)
  static func roundRow(_ source: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<UInt16>) {
    #if FACET_AVX512
      if hasPairedDots { return facet_bf16_round_row(source, target, count) }
    #endif
    for i in 0..<count { target[i] = BrainFloat.bits(source[i]) }
    if count % 2 == 1 { target[count] = 0 }
  }

  /// Words of the elements of two rows; zeros for a row that is not there.
  @inline(__always)
  static func pairRows(
    _ even: UnsafePointer<Float>, _ odd: UnsafePointer<Float>?, _ count: Int, into target: UnsafeMutablePointer<UInt32>
  ) {
    #if FACET_AVX512
      if hasPairedDots { return facet_bf16_pair_rows(even, odd, target, count) }
    #endif
    if let odd {
      for i in 0..<count { target[i] = UInt32(BrainFloat.bits(even[i])) | UInt32(BrainFloat.bits(odd[i])) << 16 }
    } else {
      for i in 0..<count { target[i] = UInt32(BrainFloat.bits(even[i])) }
    }
  }

  /// The panel of `count` columns, `columnStride` apart, whose elements are adjacent.
  @inline(__always)
  static func packPairedColumns(
    _ source: UnsafePointer<Float>, _ columnStride: Int, rows: Int, _ count: Int,
    into target: UnsafeMutablePointer<UInt32>
  ) {
    #if FACET_AVX512
      if hasPairedDots { return facet_bf16_pack_columns(source, columnStride, rows, count, target) }
    #endif
    for lane in 0..<panel {
      let line = source + lane * columnStride
      for pair in 0..<PackArguments.pairs(rows) {
        var word: UInt32 = 0
        if lane < count {
          word = UInt32(BrainFloat.bits(line[2 * pair]))
          if 2 * pair + 1 < rows { word |= UInt32(BrainFloat.bits(line[2 * pair + 1])) << 16 }
        }
        target[pair * panel + lane] = word
      }
    }
  }

  /// The panel of `count` columns whose rows are `rowStride` apart.
  @inline(__always)
  static func packPairedRows(
    _ source: UnsafePointer<Float>, _ rowStride: Int, _ columnStride: Int, rows: Int, _ count: Int,
    into target: UnsafeMutablePointer<UInt32>
  ) {
    #if FACET_AVX512
      if hasPairedDots && columnStride == 1 {
        return facet_bf16_pack_rows(source, rowStride, rows, count, target)
      }
    #endif
    for pair in 0..<PackArguments.pairs(rows) {
      let even = source + 2 * pair * rowStride
      let odd = 2 * pair + 1 < rows ? even + rowStride : nil
      let line = target + pair * panel
      if columnStride == 1 {
        pairRows(even, odd, count, into: line)
      } else {
        for lane in 0..<count {
          pairRows(even + lane * columnStride, odd.map { $0 + lane * columnStride }, 1, into: line + lane)
        }
      }
      (line + count).update(repeating: 0, count: panel - count)
    }
  }

  /// Products with a packed matrix of words; a unit is a block of C. A is rounded block by block.
  static func pairedGemm(_ a: GemmArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    let rowBlocks = a.rowBlocks
    let width = a.blockColumns
    let blocks = rowBlocks * Partition.ceil(a.n, width)
    let depth = PackArguments.pairs(a.k)
    let packedSize = PackArguments.packedCount(rows: depth, columns: a.n)
    let isPlain = a.aColumn == 1
    for unit in units {
      let (matrix, block) = (unit / blocks, unit % blocks)
      let row = block % rowBlocks * GemmArguments.blockRows
      let column = block / rowBlocks * width
      let rows = min(GemmArguments.blockRows, a.m - row)
      let columns = min(width, a.n - column)
      let b = words(a.b) + matrix * packedSize + column * depth
      let offset = matrix * a.cBatch + row * a.cRow + column
      var k = 0
      repeat {
        let count = min(GemmArguments.blockDepth, a.k - k)
        let source = a.a + matrix * a.aBatch + row * a.aRow + k * a.aColumn
        if isPlain {
          let copy = scratch.assumingMemoryBound(to: UInt16.self)
          for i in 0..<rows { roundRow(source + i * a.aRow, count, into: copy + i * GemmArguments.pairedRow) }
        } else {
          pairBlock(source, rows: rows, aRow: a.aRow, count: count, aColumn: a.aColumn, into: scratch)
        }
        let isLast = k + count >= a.k
        multiplyPairs(
          rows: rows, columns: columns, a: UnsafePointer(scratch.assumingMemoryBound(to: UInt16.self)),
          aRow: isPlain ? GemmArguments.pairedRow : 2, aPair: isPlain ? 2 : 2 * GemmArguments.blockRows,
          b: b + k / 2 * panel, bRow: panel, bPanel: depth * panel, pairs: PackArguments.pairs(count),
          c: a.c + offset, cRow: a.cRow, bias: a.bias.map { $0 + column }, accumulate: k > 0,
          activation: isLast ? a.activation : .none, residual: isLast ? a.residual.map { $0 + offset } : nil)
        k += count
      } while k < a.k
    }
  }

  /// Words of a block of A whose k are `aColumn` apart: all rows of a pair of k, then those of the next.
  @inline(__always)
  private static func pairBlock(
    _ source: UnsafePointer<Float>, rows: Int, aRow: Int, count: Int, aColumn: Int,
    into scratch: UnsafeMutableRawPointer
  ) {
    let copy = scratch.assumingMemoryBound(to: UInt32.self)
    for pair in 0..<PackArguments.pairs(count) {
      let even = source + 2 * pair * aColumn
      let odd = 2 * pair + 1 < count ? even + aColumn : nil
      let target = copy + pair * GemmArguments.blockRows
      if aRow == 1 {
        pairRows(even, odd, rows, into: target)
      } else {
        for i in 0..<rows { pairRows(even + i * aRow, odd.map { $0 + i * aRow }, 1, into: target + i) }
      }
    }
  }
}
