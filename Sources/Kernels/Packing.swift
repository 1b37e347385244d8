import KernelInterface

extension Kernels {
  /// Packs matrices into column panels.
  public static func pack(_ a: PackArguments, _ units: Range<Int>) {
    let panels = Partition.ceil(a.columns, panelWidth)
    let depth = a.depth
    let size = PackArguments.packedCount(rows: depth, columns: a.columns)
    for unit in units {
      let (matrix, block) = (unit / panels, unit % panels)
      let columns = block * panelWidth..<min(a.columns, (block + 1) * panelWidth)
      let source = a.source + matrix * a.batchStride
      let packed = a.packed + matrix * size
      if a.byColumn {
        packColumns(a, source, packed, columns)
      } else {
        var column = columns.lowerBound
        while column < columns.upperBound {
          let count = min(panel, columns.upperBound - column)
          switch a.precision {
          case .f32, .strict: packPanel(a, source + column * a.columnStride, packed + column * depth, count)
          case .bf16: packPairs(a, source + column * a.columnStride, words(packed + column * depth), count)
          }
          column += panel
        }
      }
    }
  }

  @inline(__always)
  private static func packColumns(
    _ a: PackArguments, _ source: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>, _ columns: Range<Int>
  ) {
    for column in columns {
      var target = packed + column * a.depth
      for outer in 0..<a.outerGroups {
        for group in 0..<a.groups {
          let line = source + outer * a.outerStride + group * a.groupStride + column * a.columnStride
          for row in 0..<a.rows { target[row] = line[row * a.rowStride] }
          target += a.rows
        }
      }
    }
  }

  /// One panel with `count` columns in use.
  @inline(__always)
  private static func packPanel(
    _ a: PackArguments, _ source: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var target = packed
    for outer in 0..<a.outerGroups {
      for group in 0..<a.groups {
        let first = source + outer * a.outerStride + group * a.groupStride
        if a.columnStride == 1 && count == panel {
          for row in 0..<a.rows {
            store(load(first, row * a.rowStride), target, row * panel)
            store(load(first, row * a.rowStride + lanes), target, row * panel + lanes)
          }
        } else if a.rowStride == 1 {
          packTransposed(first, a.columnStride, rows: a.rows, target, count)
        } else {
          packStrided(first, a.rowStride, a.columnStride, rows: a.rows, target, count, lanes: 0..<panel)
        }
        target += a.rows * panel
      }
    }
  }

  /// One panel of words with `count` columns in use.
  @inline(__always)
  private static func packPairs(
    _ a: PackArguments, _ source: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<UInt32>, _ count: Int
  ) {
    var target = packed
    for outer in 0..<a.outerGroups {
      for group in 0..<a.groups {
        let first = source + outer * a.outerStride + group * a.groupStride
        if a.rowStride == 1 {
          packPairedColumns(first, a.columnStride, rows: a.rows, count, into: target)
        } else {
          packPairedRows(first, a.rowStride, a.columnStride, rows: a.rows, count, into: target)
        }
        target += PackArguments.pairs(a.rows) * panel
      }
    }
  }

  /// Any strides; zeros in the lanes from `count` on.
  @inline(__always)
  private static func packStrided(
    _ source: UnsafePointer<Float>, _ rowStride: Int, _ columnStride: Int, rows: Int,
    _ target: UnsafeMutablePointer<Float>, _ count: Int, lanes: Range<Int>
  ) {
    for lane in lanes {
      let line = source + lane * columnStride
      if lane < count {
        for row in 0..<rows { target[row * panel + lane] = line[row * rowStride] }
      } else {
        for row in 0..<rows { target[row * panel + lane] = 0 }
      }
    }
  }

  /// Columns whose elements are adjacent, in squares of four.
  @inline(__always)
  private static func packTransposed(
    _ source: UnsafePointer<Float>, _ columnStride: Int, rows: Int, _ target: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    let squares = rows / 4 * 4
    var lane = 0
    while lane + 4 <= count {
      let line = UnsafeRawPointer(source + lane * columnStride)
      let step = columnStride * 4
      var row = 0
      while row < squares {
        let r0 = (line + row * 4).loadUnaligned(as: SIMD4<Float>.self)
        let r1 = (line + row * 4 + step).loadUnaligned(as: SIMD4<Float>.self)
        let r2 = (line + row * 4 + 2 * step).loadUnaligned(as: SIMD4<Float>.self)
        let r3 = (line + row * 4 + 3 * step).loadUnaligned(as: SIMD4<Float>.self)
        let out = UnsafeMutableRawPointer(target + row * panel + lane)
        out.storeBytes(of: SIMD4(r0[0], r1[0], r2[0], r3[0]), as: SIMD4<Float>.self)
        out.storeBytes(of: SIMD4(r0[1], r1[1], r2[1], r3[1]), toByteOffset: panel * 4, as: SIMD4<Float>.self)
        out.storeBytes(of: SIMD4(r0[2], r1[2], r2[2], r3[2]), toByteOffset: panel * 8, as: SIMD4<Float>.self)
        out.storeBytes(of: SIMD4(r0[3], r1[3], r2[3], r3[3]), toByteOffset: panel * 12, as: SIMD4<Float>.self)
        row += 4
      }
      while row < rows {
        for i in lane..<lane + 4 { target[row * panel + i] = source[i * columnStride + row] }
        row += 1
      }
      lane += 4
    }
    packStrided(source, 1, columnStride, rows: rows, target, count, lanes: lane..<panel)
  }
}
