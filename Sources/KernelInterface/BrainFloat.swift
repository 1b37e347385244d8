/// bfloat16: the upper half of an f32.
public enum BrainFloat {
  /// The bits of the nearest bfloat16, ties to even; a NaN stays one.
  @inlinable @inline(__always)
  public static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = bits &+ 0x7fff &+ (bits >> 16 & 1)
    return UInt16(truncatingIfNeeded: (value != value ? bits | 0x40_0000 : rounded) >> 16)
  }
}
