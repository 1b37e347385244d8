/// The counter-based generator Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). The
/// interpreter of programs is a reference that shares no code with the kernels, so it has one of its own.
public enum Philox {
  /// The four words of one block.
  public static func block(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> [UInt32] {
    var (c, k) = (counter, key)
    for round in 0..<10 {
      if round > 0 { k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85) }
      let first = UInt64(0xD251_1F53) * UInt64(c.0)
      let second = UInt64(0xCD9E_8D57) * UInt64(c.2)
      c = (
        UInt32(second >> 32) ^ c.1 ^ k.0, UInt32(truncatingIfNeeded: second),
        UInt32(first >> 32) ^ c.3 ^ k.1, UInt32(truncatingIfNeeded: first)
      )
    }
    return [c.0, c.1, c.2, c.3]
  }

  /// The uniform number in [0, 1) of an element: lane `element % 4` of the block with counter
  /// (element / 4, stream, 0, 0) under the key (seed, step), its upper 24 bits.
  public static func uniform(element: Int, stream: Int, key: Tensor) -> Double {
    let words = block(
      counter: (UInt32(truncatingIfNeeded: element / 4), UInt32(truncatingIfNeeded: stream), 0, 0),
      key: (
        UInt32(truncatingIfNeeded: key.integers[0]), UInt32(truncatingIfNeeded: key.integers[1])
      ))
    return Double(words[element % 4] >> 8) / Double(1 << 24)
  }
}
