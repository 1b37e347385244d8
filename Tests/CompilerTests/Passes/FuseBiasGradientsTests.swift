import Passes
import Testing

@Suite struct FuseBiasGradientsTests {
  @Test func theSumJoinsTheGradientOfTheWeights() throws {
    try expect(
      FuseBiasGradients(),
      """
      program @p(%x: f32[1,4,4,3], %d: f32[1,4,4,2]) -> (dw: f32[2,3,3,3], db: f32[2]) {
        %0 = reduce_sum(%d) {start = 0, end = 3} : f32[2]
        %1 = conv2d_weight_gradient(%x, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3]} : f32[2,3,3,3]
        %2 = negate(%0) : f32[2]
        return %1, %2
      }
      """,
      becomes: """
        program @p(%x: f32[1,4,4,3], %d: f32[1,4,4,2]) -> (dw: f32[2,3,3,3], db: f32[2]) {
          %0, %1 = conv2d_weight_gradient(%x, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3], bias = true} : f32[2,3,3,3], f32[2]
          %2 = negate(%1) : f32[2]
          return %0, %2
        }
        """)
  }

  @Test func aSumThatIsReadBeforeStays() throws {
    try expect(
      FuseBiasGradients(),
      """
      program @p(%x: f32[1,4,4,3], %d: f32[1,4,4,2]) -> (dw: f32[2,3,3,3], db: f32[2]) {
        %0 = reduce_sum(%d) {start = 0, end = 3} : f32[2]
        %1 = negate(%0) : f32[2]
        %2 = conv2d_weight_gradient(%x, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3]} : f32[2,3,3,3]
        return %2, %1
      }
      """)
  }

  @Test func otherSumsAndTheImageOfAWeightGradientStay() throws {
    try expect(
      FuseBiasGradients(),
      """
      program @p(%x: f32[1,4,4,3], %d: f32[1,4,4,2]) -> (dw: f32[2,3,3,3], a: f32[4,2], b: f32[3]) {
        %0 = conv2d_weight_gradient(%x, %d) {stride = 1, pad = [1, 1, 1, 1], kernel = [3, 3]} : f32[2,3,3,3]
        %1 = reduce_sum(%d) {start = 0, end = 2} : f32[4,2]
        %2 = reduce_sum(%x) {start = 0, end = 3} : f32[3]
        return %0, %1, %2
      }
      """)
  }
}
