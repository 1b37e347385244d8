import Passes
import Testing

@Suite struct NarrowWeightsTests {
  private static let before = """
    parameter @table : f32[9,4] = normal(0.02)
    parameter @out.weight : f32[6,4] = zeros
    parameter @out.bias : f32[6] = zeros
    program @step(%codes: i32[2], %other: f32[6,4]) -> (y: f32[2,6], z: f32[2,6]) {
      %0 = embedding(@table, %codes) : f32[2,4]
      %1 = linear(%0, @out.weight, @out.bias) : f32[2,6]
      %2 = linear(%0, %other) : f32[2,6]
      return %1, %2
    }

    """

  @Test func weightsBecomeBF16() throws {
    try expect(
      NarrowWeights(.bf16), Self.before,
      becomes: """
        parameter @out.bias : f32[6] = zeros
        constant @table.bf16 : bf16[9,4] = narrowed(@table, bf16)
        constant @out.weight.bf16 : bf16[6,4] = narrowed(@out.weight, bf16)
        program @step(%codes: i32[2], %other: f32[6,4]) -> (y: f32[2,6], z: f32[2,6]) {
          %0 = embedding(@table.bf16, %codes) : f32[2,4]
          %1 = linear(%0, @out.weight.bf16, @out.bias) : f32[2,6]
          %2 = linear(%0, %other) : f32[2,6]
          return %1, %2
        }

        """)
  }

  @Test func weightsBecomeInt8WithScales() throws {
    try expect(
      NarrowWeights(.int8), Self.before,
      becomes: """
        parameter @out.bias : f32[6] = zeros
        constant @table.i8 : i8[9,4] = narrowed(@table, i8)
        constant @table.scales : f32[9] = narrowed(@table, scales)
        constant @out.weight.i8 : i8[6,4] = narrowed(@out.weight, i8)
        constant @out.weight.scales : f32[6] = narrowed(@out.weight, scales)
        program @step(%codes: i32[2], %other: f32[6,4]) -> (y: f32[2,6], z: f32[2,6]) {
          %0 = embedding(@table.i8, %codes, @table.scales) : f32[2,4]
          %1 = linear(%0, @out.weight.i8, @out.weight.scales, @out.bias) : f32[2,6]
          %2 = linear(%0, %other) : f32[2,6]
          return %1, %2
        }

        """)
  }

  @Test func f32LeavesThemAlone() throws {
    try expect(NarrowWeights(.f32), Self.before)
  }

  @Test func parametersReadInFullOrUpdatedStay() throws {
    let text = """
      parameter @tied : f32[5,4] = zeros
      parameter @trained : f32[5,4] = zeros
      program @mixed(%x: f32[2,4]) -> (y: f32[2,5], z: f32[5,4], w: f32[2,5]) {
        %0 = linear(%x, @tied) : f32[2,5]
        %1 = negate(@tied) : f32[5,4]
        %2 = linear(%x, @trained) : f32[2,5]
        moving_average(&@trained, %1) {decay = 0.5}
        return %0, %1, %2
      }

      """
    try expect(
      NarrowWeights(.bf16), text,
      becomes: """
        parameter @tied : f32[5,4] = zeros
        parameter @trained : f32[5,4] = zeros
        constant @tied.bf16 : bf16[5,4] = narrowed(@tied, bf16)
        program @mixed(%x: f32[2,4]) -> (y: f32[2,5], z: f32[5,4], w: f32[2,5]) {
          %0 = linear(%x, @tied.bf16) : f32[2,5]
          %1 = negate(@tied) : f32[5,4]
          %2 = linear(%x, @trained) : f32[2,5]
          moving_average(&@trained, %1) {decay = 0.5}
          return %0, %1, %2
        }

        """)
  }
}
