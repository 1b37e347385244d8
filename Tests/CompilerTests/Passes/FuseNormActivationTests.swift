import Passes
import Testing

@Suite struct FuseNormActivationTests {
  @Test func normAndSiluWithTheirGradients() throws {
    try expect(
      FuseNormActivation(),
      """
      program @p(%x: f32[2,3,4], %g: f32[4], %b: f32[4], %d: f32[2,3,4]) -> (y: f32[2,3,4], dx: f32[2,3,4], dg: f32[4]) {
        %0, %1, %2 = group_norm(%x, %g, %b) {groups = 2, epsilon = 1e-06, activation = none} : f32[2,3,4], f32[2,2], f32[2,2]
        %3 = silu(%0) : f32[2,3,4]
        %4 = silu_gradient(%0, %d) : f32[2,3,4]
        %5, %6, %7 = group_norm_gradient(%x, %g, %b, %1, %2, %4) {groups = 2, activation = none} : f32[2,3,4], f32[4], f32[4]
        return %3, %5, %6
      }
      """,
      becomes: """
        program @p(%x: f32[2,3,4], %g: f32[4], %b: f32[4], %d: f32[2,3,4]) -> (y: f32[2,3,4], dx: f32[2,3,4], dg: f32[4]) {
          %0, %1, %2 = group_norm(%x, %g, %b) {groups = 2, epsilon = 1e-06, activation = silu} : f32[2,3,4], f32[2,2], f32[2,2]
          %3, %4, %5 = group_norm_gradient(%x, %g, %b, %1, %2, %d) {groups = 2, activation = silu} : f32[2,3,4], f32[4], f32[4]
          return %0, %3, %4
        }
        """)
  }

  @Test func aNormThatIsReadElsewhereStays() throws {
    try expect(
      FuseNormActivation(),
      """
      program @p(%x: f32[2,3,4], %g: f32[4], %b: f32[4]) -> (y: f32[2,3,4], z: f32[2,3,4]) {
        %0, %1, %2 = group_norm(%x, %g, %b) {groups = 2, epsilon = 1e-06, activation = none} : f32[2,3,4], f32[2,2], f32[2,2]
        %3 = silu(%0) : f32[2,3,4]
        %4 = exp(%0) : f32[2,3,4]
        return %3, %4
      }
      """)
  }
}
