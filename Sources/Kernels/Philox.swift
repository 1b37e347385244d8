import KernelInterface

/// `Philox.block` of eight consecutive counters (first ..< first + 8, stream, 0, 0) at once, counter after counter.
@inline(always)
func philoxRun(_ first: Int, stream: UInt32, key: SIMD2<UInt32>) -> SIMD32<UInt32> {
  // Words stand in the lower halves of 64-bit lanes, as the products need them.
  typealias Wide = SIMD8<UInt64>
  let low = Wide(repeating: 0xffff_ffff)
  let start = Wide(repeating: UInt64(UInt32(truncatingIfNeeded: first)))
  var (c0, c1) = ((start &+ Wide(0, 1, 2, 3, 4, 5, 6, 7)) & low, Wide(repeating: UInt64(stream)))
  var (c2, c3) = (Wide(), Wide())
  var (k0, k1) = (key[0], key[1])
  for _ in 0..<10 {
    let one = Wide(repeating: 0xD251_1F53) &* c0
    let two = Wide(repeating: 0xCD9E_8D57) &* c2
    c0 = (two &>> 32) ^ c1 ^ Wide(repeating: UInt64(k0))
    c1 = two & low
    c2 = (one &>> 32) ^ c3 ^ Wide(repeating: UInt64(k1))
    c3 = one & low
    k0 = k0 &+ 0x9E37_79B9
    k1 = k1 &+ 0xBB67_AE85
  }
  var pairs = SIMD16<UInt64>()
  pairs.evenHalf = c0 | (c1 &<< 32)
  pairs.oddHalf = c2 | (c3 &<< 32)
  return unsafeBitCast(pairs, to: SIMD32<UInt32>.self)
}

/// The key (seed, step) of a program.
@inline(always)
func philoxKey(_ key: UnsafePointer<Int32>) -> SIMD2<UInt32> {
  SIMD2(UInt32(bitPattern: key[0]), UInt32(bitPattern: key[1]))
}

/// A number in [0, 1) with 24 random bits.
@inline(always)
func uniform(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }

/// A whole number in 0..<bound from 24 random bits.
@inline(always)
func uniform(_ word: UInt32, below bound: Int) -> Int {
  Int(truncatingIfNeeded: (UInt64(word >> 8) * UInt64(bound)) >> 24)
}
