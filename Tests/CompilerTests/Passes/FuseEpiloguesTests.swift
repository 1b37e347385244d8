import Passes
import Testing

@Suite struct FuseEpiloguesTests {
  @Test func activationAndResidualJoinTheProduct() throws {
    try expect(
      FuseEpilogues(),
      """
      parameter @w : f32[4,4] = zeros
      parameter @b : f32[4] = zeros
      program @p(%x: f32[3,4]) -> (y: f32[3,4]) {
        %0 = linear(%x, @w, @b) : f32[3,4]
        %1 = gelu(%0) : f32[3,4]
        %2 = add(%x, %1) : f32[3,4]
        return %2
      }
      """,
      becomes: """
        parameter @w : f32[4,4] = zeros
        parameter @b : f32[4] = zeros
        program @p(%x: f32[3,4]) -> (y: f32[3,4]) {
          %0 = linear(%x, @w, @b, %x) {activation = gelu, residual = true} : f32[3,4]
          return %0
        }
        """)
  }

  /// Of two products the later one adds, so that the earlier result need not wait.
  @Test func theLaterOfTwoProductsAdds() throws {
    try expect(
      FuseEpilogues(),
      """
      parameter @s : f32[2,3] = zeros
      parameter @w : f32[2,3,3,3] = zeros
      program @p(%x: f32[1,4,4,3]) -> (y: f32[1,4,4,2]) {
        %0 = linear(%x, @s) : f32[1,4,4,2]
        %1 = conv2d(%x, @w) {stride = 1, pad = [1, 1, 1, 1]} : f32[1,4,4,2]
        %2 = add(%0, %1) : f32[1,4,4,2]
        return %2
      }
      """,
      becomes: """
        parameter @s : f32[2,3] = zeros
        parameter @w : f32[2,3,3,3] = zeros
        program @p(%x: f32[1,4,4,3]) -> (y: f32[1,4,4,2]) {
          %0 = linear(%x, @s) : f32[1,4,4,2]
          %1 = conv2d(%x, @w, %0) {stride = 1, pad = [1, 1, 1, 1], residual = true} : f32[1,4,4,2]
          return %1
        }
        """)
  }

  /// Gradients of a linear layer are products of matrices under another shape.
  @Test func sumsOfGradientsAccumulateThroughReshapes() throws {
    try expect(
      FuseEpilogues(),
      """
      parameter @w : f32[4,3] = zeros
      program @p(%d: f32[6,4], %s: f32[2,3,3]) -> (dx: f32[2,3,3]) {
        %0 = matmul(%d, @w) {transpose_a = false, transpose_b = false} : f32[6,3]
        %1 = reshape(%0) {shape = [2, 3, 3]} : f32[2,3,3]
        %2 = add(%s, %1) : f32[2,3,3]
        return %2
      }
      """,
      becomes: """
        parameter @w : f32[4,3] = zeros
        program @p(%d: f32[6,4], %s: f32[2,3,3]) -> (dx: f32[2,3,3]) {
          %0 = reshape(%s) {shape = [6, 3]} : f32[6,3]
          %1 = matmul(%d, @w, %0) {transpose_a = false, transpose_b = false, residual = true} : f32[6,3]
          %2 = reshape(%1) {shape = [2, 3, 3]} : f32[2,3,3]
          return %2
        }
        """)
  }

  @Test func aProductReadTwiceStays() throws {
    try expect(
      FuseEpilogues(),
      """
      parameter @w : f32[4,4] = zeros
      program @p(%x: f32[3,4]) -> (y: f32[3,4], z: f32[3,4]) {
        %0 = linear(%x, @w) : f32[3,4]
        %1 = silu(%0) : f32[3,4]
        %2 = silu_gradient(%0, %x) : f32[3,4]
        return %1, %2
      }
      """)
  }

  @Test func aWeightUpdatedInBetweenForbidsTheMove() throws {
    try expect(
      FuseEpilogues(),
      """
      parameter @w : f32[4,4] = zeros
      program @p(%x: f32[3,4], %v: f32[4,4]) -> (y: f32[3,4]) {
        %0 = linear(%x, @w) : f32[3,4]
        moving_average(&@w, %v) {decay = 0.5}
        %1 = add(%x, %0) : f32[3,4]
        return %1
      }
      """)
  }
}

@Suite struct FuseGradientSumsTests {
  @Test func aNormAddsTheOtherGradient() throws {
    try expect(
      FuseGradientSums(),
      """
      program @p(%x: f32[2,4], %g: f32[4], %r: f32[2], %d: f32[2,4], %s: f32[2,4]) -> (dx: f32[2,4], dg: f32[4]) {
        %0, %1 = rms_norm_gradient(%x, %g, %r, %d) : f32[2,4], f32[4]
        %2 = add(%s, %0) : f32[2,4]
        return %2, %1
      }
      """,
      becomes: """
        program @p(%x: f32[2,4], %g: f32[4], %r: f32[2], %d: f32[2,4], %s: f32[2,4]) -> (dx: f32[2,4], dg: f32[4]) {
          %0, %1 = rms_norm_gradient(%x, %g, %r, %d, %s) : f32[2,4], f32[4]
          return %0, %1
        }
        """)
  }
}
