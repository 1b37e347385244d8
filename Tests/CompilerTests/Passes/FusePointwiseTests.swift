import Passes
import Testing

@Suite struct FusePointwiseTests {
  @Test func aChainBecomesOneExpression() throws {
    try expect(
      FusePointwise(),
      """
      program @p(%g: f32[32,16], %u: f32[32,16], %b: f32[16]) -> (y: f32[32,16]) {
        %0 = silu(%g) : f32[32,16]
        %1 = multiply(%u, %0) : f32[32,16]
        %2 = affine(%1) {scale = 2.0, offset = 0.5} : f32[32,16]
        %3 = subtract(%2, %b) : f32[32,16]
        return %3
      }
      """,
      becomes: """
        program @p(%g: f32[32,16], %u: f32[32,16], %b: f32[16]) -> (y: f32[32,16]) {
          %0 = pointwise(%u, %g, %b) {expression = "x0 x1 silu multiply 2.0 0.5 affine x2 subtract"} : f32[32,16]
          return %0
        }
        """)
  }

  @Test func whatIsReadTwiceStays() throws {
    try expect(
      FusePointwise(),
      """
      program @p(%x: f32[32,16]) -> (y: f32[32,16], z: f32[32,16]) {
        %0 = silu(%x) : f32[32,16]
        %1 = negate(%0) : f32[32,16]
        %2 = exp(%0) : f32[32,16]
        return %1, %2
      }
      """)
  }

  @Test func aRepeatedOperandIsNotComputedOverTheWholeShape() throws {
    try expect(
      FusePointwise(),
      """
      program @p(%x: f32[32,16], %b: f32[16]) -> (y: f32[32,16]) {
        %0 = exp(%b) : f32[16]
        %1 = multiply(%x, %0) : f32[32,16]
        return %1
      }
      """)
  }
}
