import Passes
import Testing

@Suite struct FuseUpsamplingTests {
  @Test func aConvolutionAndItsGradientsReadTheSmallImage() throws {
    try expect(
      FuseUpsampling(),
      """
      program @p(%x: f32[1,4,4,3], %w: f32[2,3,3,3], %d: f32[1,8,8,2]) -> (y: f32[1,8,8,2], dw: f32[2,3,3,3], db: f32[2], dx: f32[1,4,4,3]) {
        %0 = upsample(%x) : f32[1,8,8,3]
        %1 = conv2d(%0, %w) {stride = 1, pad = [1, 1, 1, 1]} : f32[1,8,8,2]
        %2, %3 = conv2d_weight_gradient(%0, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3], bias = true} : f32[2,3,3,3], f32[2]
        %4 = conv2d_input_gradient(%d, %w) {stride = 1, pad = [1, 1, 1, 1], size = [8, 8]} : f32[1,8,8,3]
        %5 = upsample_gradient(%4) : f32[1,4,4,3]
        return %1, %2, %3, %5
      }
      """,
      becomes: """
        program @p(%x: f32[1,4,4,3], %w: f32[2,3,3,3], %d: f32[1,8,8,2]) -> (y: f32[1,8,8,2], dw: f32[2,3,3,3], db: f32[2], dx: f32[1,4,4,3]) {
          %0 = conv2d(%x, %w) {stride = 1, pad = [1, 1, 1, 1], upsample = true} : f32[1,8,8,2]
          %1, %2 = conv2d_weight_gradient(%x, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3], upsample = true, bias = true} : f32[2,3,3,3], f32[2]
          %3 = conv2d_input_gradient(%d, %w) {stride = 1, pad = [1, 1, 1, 1], size = [4, 4], upsample = true} : f32[1,4,4,3]
          return %0, %1, %2, %3
        }
        """)
  }

  @Test func anImageThatIsReadOtherwiseStays() throws {
    try expect(
      FuseUpsampling(),
      """
      program @p(%x: f32[1,4,4,3], %w: f32[2,3,3,3]) -> (y: f32[1,8,8,2], z: f32[1,8,8,3]) {
        %0 = upsample(%x) : f32[1,8,8,3]
        %1 = conv2d(%0, %w) {stride = 1, pad = [1, 1, 1, 1]} : f32[1,8,8,2]
        %2 = negate(%0) : f32[1,8,8,3]
        return %1, %2
      }
      """)
  }

  @Test func stridesWindowsOfOnePixelAndOutputsStay() throws {
    try expect(
      FuseUpsampling(),
      """
      program @p(%x: f32[1,4,4,3], %w: f32[2,3,3,3], %v: f32[2,1,1,3]) -> (a: f32[1,4,4,2], b: f32[1,8,8,2], c: f32[1,8,8,2], d: f32[1,16,16,2], e: f32[1,8,8,3]) {
        %0 = upsample(%x) : f32[1,8,8,3]
        %1 = conv2d(%0, %w) {stride = 2, pad = [0, 0, 1, 1]} : f32[1,4,4,2]
        %2 = affine(%x) {scale = 2, offset = 0} : f32[1,4,4,3]
        %3 = upsample(%2) : f32[1,8,8,3]
        %4 = conv2d(%3, %v) {stride = 1, pad = [0, 0, 0, 0]} : f32[1,8,8,2]
        %5 = negate(%x) : f32[1,4,4,3]
        %6 = conv2d(%5, %w) {stride = 1, pad = [1, 1, 1, 1]} : f32[1,4,4,2]
        %7 = upsample(%6) : f32[1,8,8,2]
        %8 = upsample(%7) : f32[1,16,16,2]
        %9 = exp(%x) : f32[1,4,4,3]
        %10 = upsample(%9) : f32[1,8,8,3]
        %11 = conv2d(%10, %w) {stride = 1, pad = [1, 1, 1, 1]} : f32[1,8,8,2]
        %12 = add(%4, %11) : f32[1,8,8,2]
        return %1, %12, %7, %8, %10
      }
      """)
  }

  @Test func aLargerGradientThatIsReadTwiceStays() throws {
    try expect(
      FuseUpsampling(),
      """
      program @p(%d: f32[1,8,8,2], %w: f32[2,3,3,3], %v: f32[2,1,1,3]) -> (dx: f32[1,4,4,3], large: f32[1,8,8,3], dz: f32[1,4,4,3]) {
        %0 = conv2d_input_gradient(%d, %w) {stride = 1, pad = [1, 1, 1, 1], size = [8, 8]} : f32[1,8,8,3]
        %1 = upsample_gradient(%0) : f32[1,4,4,3]
        %2 = conv2d_input_gradient(%d, %v) {stride = 1, pad = [0, 0, 0, 0], size = [8, 8]} : f32[1,8,8,3]
        %3 = upsample_gradient(%2) : f32[1,4,4,3]
        return %1, %0, %3
      }
      """)
  }

  /// The small image may be a symbol that is updated before the convolution reads it.
  @Test func anImageThatIsUpdatedInBetweenStays() throws {
    try expect(
      FuseUpsampling(),
      """
      state @s : f32[1,4,4,3] = zeros
      program @p(%w: f32[2,3,3,3], %n: f32[1,4,4,3]) -> (y: f32[1,8,8,2]) {
        %0 = upsample(@s) : f32[1,8,8,3]
        moving_average(&@s, %n) {decay = 0.5}
        %1 = conv2d(%0, %w) {stride = 1, pad = [1, 1, 1, 1]} : f32[1,8,8,2]
        return %1
      }
      """)
  }
}
