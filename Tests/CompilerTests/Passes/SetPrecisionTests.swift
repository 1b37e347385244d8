import Passes
import Testing

@Suite struct SetPrecisionTests {
  private static let before = """
    parameter @w : f32[4,3] = zeros
    parameter @k : f32[2,3,3,3] = zeros
    program @p(%x: f32[5,3], %image: f32[1,4,4,3], %d: f32[1,4,4,2], %q: f32[1,3,2,4], %table: f32[9,3], %codes: i32[2])
      -> (y: f32[5,4], z: f32[3,3], i: f32[1,4,4,2], di: f32[1,4,4,3], dk: f32[2,3,3,3], o: f32[1,3,2,4], e: f32[2,3]) {
      %0 = linear(%x, @w) {activation = gelu} : f32[5,4]
      %1 = matmul(%x, %x) {transpose_a = true, transpose_b = false} : f32[3,3]
      %2 = conv2d(%image, @k) {stride = 1, pad = [1, 1, 1, 1]} : f32[1,4,4,2]
      %3 = conv2d_input_gradient(%d, @k) {stride = 1, pad = [1, 1, 1, 1], size = [4, 4]} : f32[1,4,4,3]
      %4 = conv2d_weight_gradient(%image, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3]} : f32[2,3,3,3]
      %5, %6 = attention(%q, %q, %q) {scale = 0.5, causal = true} : f32[1,3,2,4], f32[1,2,3]
      %7, %8, %9 = attention_gradient(%q, %q, %q, %5, %6, %q) {scale = 0.5, causal = true} : f32[1,3,2,4], f32[1,3,2,4], f32[1,3,2,4]
      %10 = add(%5, %7) : f32[1,3,2,4]
      %11 = embedding(%table, %codes) : f32[2,3]
      return %0, %1, %2, %3, %4, %10, %11
    }

    """

  /// Every op that multiplies, and no other.
  @Test func productsMayRoundTheirOperands() throws {
    try expect(
      SetPrecision(.bf16), Self.before,
      becomes: """
        parameter @w : f32[4,3] = zeros
        parameter @k : f32[2,3,3,3] = zeros
        program @p(%x: f32[5,3], %image: f32[1,4,4,3], %d: f32[1,4,4,2], %q: f32[1,3,2,4], %table: f32[9,3], %codes: i32[2])
          -> (y: f32[5,4], z: f32[3,3], i: f32[1,4,4,2], di: f32[1,4,4,3], dk: f32[2,3,3,3], o: f32[1,3,2,4], e: f32[2,3]) {
          %0 = linear(%x, @w) {activation = gelu, precision = bf16} : f32[5,4]
          %1 = matmul(%x, %x) {transpose_a = true, transpose_b = false, precision = bf16} : f32[3,3]
          %2 = conv2d(%image, @k) {stride = 1, pad = [1, 1, 1, 1], precision = bf16} : f32[1,4,4,2]
          %3 = conv2d_input_gradient(%d, @k) {stride = 1, pad = [1, 1, 1, 1], size = [4, 4], precision = bf16} : f32[1,4,4,3]
          %4 = conv2d_weight_gradient(%image, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3], precision = bf16} : f32[2,3,3,3]
          %5, %6 = attention(%q, %q, %q) {scale = 0.5, causal = true, precision = bf16} : f32[1,3,2,4], f32[1,2,3]
          %7, %8, %9 = attention_gradient(%q, %q, %q, %5, %6, %q) {scale = 0.5, causal = true, precision = bf16} : f32[1,3,2,4], f32[1,3,2,4], f32[1,3,2,4]
          %10 = add(%5, %7) : f32[1,3,2,4]
          %11 = embedding(%table, %codes) : f32[2,3]
          return %0, %1, %2, %3, %4, %10, %11
        }

        """)
  }

  /// Attention has short sums, which stay as they are.
  @Test func productsMayHaveSumsInDoublePrecision() throws {
    try expect(
      SetPrecision(.strict), Self.before,
      becomes: """
        parameter @w : f32[4,3] = zeros
        parameter @k : f32[2,3,3,3] = zeros
        program @p(%x: f32[5,3], %image: f32[1,4,4,3], %d: f32[1,4,4,2], %q: f32[1,3,2,4], %table: f32[9,3], %codes: i32[2])
          -> (y: f32[5,4], z: f32[3,3], i: f32[1,4,4,2], di: f32[1,4,4,3], dk: f32[2,3,3,3], o: f32[1,3,2,4], e: f32[2,3]) {
          %0 = linear(%x, @w) {activation = gelu, precision = strict} : f32[5,4]
          %1 = matmul(%x, %x) {transpose_a = true, transpose_b = false, precision = strict} : f32[3,3]
          %2 = conv2d(%image, @k) {stride = 1, pad = [1, 1, 1, 1], precision = strict} : f32[1,4,4,2]
          %3 = conv2d_input_gradient(%d, @k) {stride = 1, pad = [1, 1, 1, 1], size = [4, 4], precision = strict} : f32[1,4,4,3]
          %4 = conv2d_weight_gradient(%image, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3], precision = strict} : f32[2,3,3,3]
          %5, %6 = attention(%q, %q, %q) {scale = 0.5, causal = true} : f32[1,3,2,4], f32[1,2,3]
          %7, %8, %9 = attention_gradient(%q, %q, %q, %5, %6, %q) {scale = 0.5, causal = true} : f32[1,3,2,4], f32[1,3,2,4], f32[1,3,2,4]
          %10 = add(%5, %7) : f32[1,3,2,4]
          %11 = embedding(%table, %codes) : f32[2,3]
          return %0, %1, %2, %3, %4, %10, %11
        }

        """)
  }

  @Test func f32LeavesThemAlone() throws { try expect(SetPrecision(.f32), Self.before) }
}
