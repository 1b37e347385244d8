import Passes
import Testing

@Suite struct CommonSubexpressionsTests {
  @Test func equalOperationsBecomeOne() throws {
    try expect(
      CommonSubexpressions(),
      """
      program @p(%x: f32[4]) -> (y: f32[4], z: f32[4]) {
        %0 = exp(%x) : f32[4]
        %1 = exp(%x) : f32[4]
        %2 = negate(%0) : f32[4]
        %3 = negate(%1) : f32[4]
        %4 = affine(%x) {scale = 2.0, offset = 0.0} : f32[4]
        %5 = affine(%x) {scale = 3.0, offset = 0.0} : f32[4]
        %6 = add(%4, %5) : f32[4]
        %7 = add(%6, %2) : f32[4]
        return %7, %3
      }
      """,
      becomes: """
        program @p(%x: f32[4]) -> (y: f32[4], z: f32[4]) {
          %0 = exp(%x) : f32[4]
          %1 = negate(%0) : f32[4]
          %2 = affine(%x) {scale = 2.0, offset = 0.0} : f32[4]
          %3 = affine(%x) {scale = 3.0, offset = 0.0} : f32[4]
          %4 = add(%2, %3) : f32[4]
          %5 = add(%4, %1) : f32[4]
          return %5, %1
        }
        """)
  }

  @Test func readsBeforeAndAfterAnUpdateDiffer() throws {
    try expect(
      CommonSubexpressions(),
      """
      state @s : f32[4] = zeros
      program @p(%x: f32[4]) -> (y: f32[4], z: f32[4]) {
        %0 = exp(@s) : f32[4]
        moving_average(&@s, %x) {decay = 0.5}
        %1 = exp(@s) : f32[4]
        return %0, %1
      }
      """)
  }
}

@Suite struct DeadCodeTests {
  @Test func whatNobodyReadsGoes() throws {
    try expect(
      DeadCode(),
      """
      state @s : f32[4] = zeros
      program @p(%x: f32[4]) -> (y: f32[4]) {
        %0 = exp(%x) : f32[4]
        %1 = negate(%0) : f32[4]
        %2 = silu(%x) : f32[4]
        moving_average(&@s, %2) {decay = 0.5}
        %3 = relu(%x) : f32[4]
        return %3
      }
      """,
      becomes: """
        state @s : f32[4] = zeros
        program @p(%x: f32[4]) -> (y: f32[4]) {
          %0 = silu(%x) : f32[4]
          moving_average(&@s, %0) {decay = 0.5}
          %1 = relu(%x) : f32[4]
          return %1
        }
        """)
  }
}
