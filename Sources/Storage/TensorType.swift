/// Element types that a safetensors file may declare. All are known, so that sizes can be checked; those that
/// `SafetensorsFile.read` and `readInt32` convert say so.
public enum TensorType: String, CaseIterable, Sendable, Codable {
  /// 32-bit float; the native form, read without conversion.
  case f32 = "F32"
  /// bfloat16; widened to f32 when read.
  case bf16 = "BF16"
  /// IEEE half; widened to f32 when read.
  case f16 = "F16"
  /// Double; rounded to f32 when read.
  case f64 = "F64"
  /// 32-bit integer; read by `readInt32`.
  case i32 = "I32"
  /// 64-bit integer; read by `readInt32`, which refuses values out of range.
  case i64 = "I64"
  /// Byte; read either way.
  case u8 = "U8"
  /// Not read, only measured.
  case i8 = "I8"
  /// Not read, only measured.
  case i16 = "I16"
  /// Not read, only measured.
  case u16 = "U16"
  /// Not read, only measured.
  case u32 = "U32"
  /// Not read, only measured.
  case u64 = "U64"
  /// Not read, only measured.
  case bool = "BOOL"
  /// Not read, only measured.
  case f8e4m3 = "F8_E4M3"
  /// Not read, only measured.
  case f8e5m2 = "F8_E5M2"

  /// Bytes per element.
  public var byteCount: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .bf16, .f16, .i16, .u16: 2
    case .u8, .i8, .bool, .f8e4m3, .f8e5m2: 1
    }
  }

  /// Whether `SafetensorsFile.read` can give it as f32.
  public var readsAsFloat: Bool {
    switch self {
    case .f32, .bf16, .f16, .f64, .u8: true
    case .i32, .i64, .i8, .i16, .u16, .u32, .u64, .bool, .f8e4m3, .f8e5m2: false
    }
  }

  /// Whether `SafetensorsFile.readInt32` can give it as i32.
  public var readsAsInt32: Bool { self == .i32 || self == .i64 || self == .u8 }
}

/// The f32 of an IEEE half given by its bits (Swift's own type is missing on some platforms).
package func floatFromHalf(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1F
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:
    // Subnormal: fraction * 2^-24, exact in f32.
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | (fraction << 13))
  default: return Float(bitPattern: sign | ((exponent + 112) << 23) | (fraction << 13))
  }
}
