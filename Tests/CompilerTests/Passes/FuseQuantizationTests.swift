import Passes
import Testing

@Suite struct FuseQuantizationTests {
  @Test func theSearchGathersAndMeasures() throws {
    try expect(
      FuseQuantization(),
      """
      parameter @e : f32[5,4] = zeros
      program @p(%z: f32[6,4]) -> (i: i32[6], y: f32[6,4], loss: f32[], dz: f32[6,4]) {
        %0 = nearest_code(%z, @e) : i32[6]
        %1 = embedding(@e, %0) : f32[6,4]
        %2 = subtract(%1, %z) : f32[6,4]
        %3 = add(%z, %2) : f32[6,4]
        %4 = square(%2) : f32[6,4]
        %5 = reduce_sum(%4) {start = 0, end = 2} : f32[]
        %6 = affine(%2) {scale = 0.5, offset = 0.0} : f32[6,4]
        return %0, %3, %5, %6
      }
      """,
      becomes: """
        parameter @e : f32[5,4] = zeros
        program @p(%z: f32[6,4]) -> (i: i32[6], y: f32[6,4], loss: f32[], dz: f32[6,4]) {
          %0, %1, %2, %3 = quantize(%z, @e) : i32[6], f32[6,4], f32[6,4], f32[]
          %4 = affine(%2) {scale = 0.5, offset = 0.0} : f32[6,4]
          return %0, %1, %3, %4
        }
        """)
  }

  /// Without losses, as pictures are reconstructed.
  @Test func theSearchGathers() throws {
    try expect(
      FuseQuantization(),
      """
      program @p(%z: f32[6,4], %e: f32[5,4]) -> (i: i32[6], y: f32[6,4]) {
        %0 = nearest_code(%z, %e) : i32[6]
        %1 = embedding(%e, %0) : f32[6,4]
        %2 = subtract(%1, %z) : f32[6,4]
        %3 = add(%z, %2) : f32[6,4]
        return %0, %3
      }
      """,
      becomes: """
        program @p(%z: f32[6,4], %e: f32[5,4]) -> (i: i32[6], y: f32[6,4]) {
          %0, %1, %2, %3 = quantize(%z, %e) : i32[6], f32[6,4], f32[6,4], f32[]
          return %0, %1
        }
        """)
  }

  /// Texts that stay as they are, with the reason.
  static let untouched = [
    // The entry itself is used.
    """
    program @p(%z: f32[6,4], %e: f32[5,4]) -> (y: f32[6,4], d: f32[6,4]) {
      %0 = nearest_code(%z, %e) : i32[6]
      %1 = embedding(%e, %0) : f32[6,4]
      %2 = subtract(%1, %z) : f32[6,4]
      return %1, %2
    }
    """,
    // Another table is read.
    """
    program @p(%z: f32[6,4], %e: f32[5,4], %f: f32[5,4]) -> (d: f32[6,4]) {
      %0 = nearest_code(%z, %e) : i32[6]
      %1 = embedding(%f, %0) : f32[6,4]
      %2 = subtract(%1, %z) : f32[6,4]
      return %2
    }
    """,
    // The difference is taken the other way round.
    """
    program @p(%z: f32[6,4], %e: f32[5,4]) -> (d: f32[6,4]) {
      %0 = nearest_code(%z, %e) : i32[6]
      %1 = embedding(%e, %0) : f32[6,4]
      %2 = subtract(%z, %1) : f32[6,4]
      return %2
    }
    """,
    // The table is updated between search and lookup.
    """
    state @e : f32[5,4] = zeros
    program @p(%z: f32[6,4], %f: f32[5,4]) -> (d: f32[6,4]) {
      %0 = nearest_code(%z, @e) : i32[6]
      moving_average(&@e, %f) {decay = 0.5}
      %1 = embedding(@e, %0) : f32[6,4]
      %2 = subtract(%1, %z) : f32[6,4]
      return %2
    }
    """,
  ]

  @Test(arguments: untouched) func staysAsItIs(_ text: String) throws { try expect(FuseQuantization(), text) }
}
