import Ops
import Passes
import Testing

@Suite struct PackConstantWeightsTests {
  private static let before = """
    parameter @w : f32[32,4] = zeros
    parameter @k : f32[32,3,3,4] = zeros
    parameter @trained : f32[32,4] = zeros
    program @p(%x: f32[9,4], %image: f32[1,4,4,4], %m: f32[32,4])
      -> (a: f32[9,32], b: f32[9,32], c: f32[1,4,4,32], d: f32[9,32], e: f32[9,32]) {
      %0 = linear(%x, @w) : f32[9,32]
      %1 = linear(%x, @w) {activation = gelu} : f32[9,32]
      %2 = conv2d(%image, @k) {stride = 1, pad = [1, 1, 1, 1], precision = bf16} : f32[1,4,4,32]
      %3 = linear(%x, %m) : f32[9,32]
      %4 = linear(%x, @trained) : f32[9,32]
      moving_average(&@trained, %m) {decay = 0.5}
      return %0, %1, %2, %3, %4
    }

    """

  /// Each weight once, however many read it; not what the run is given, and not what the program updates.
  @Test func weightsThatDoNotChangeArePackedOnce() throws {
    try expect(
      PackConstantWeights { operation, _ in
        if case .conv2D(let op) = operation.opCase { return op.isPacked ? nil : .bf16 }
        if case .linear(let op) = operation.opCase { return op.isPacked ? nil : .f32 }
        return nil
      }, Self.before,
      becomes: """
        parameter @w : f32[32,4] = zeros
        parameter @k : f32[32,3,3,4] = zeros
        parameter @trained : f32[32,4] = zeros
        program @p(%x: f32[9,4], %image: f32[1,4,4,4], %m: f32[32,4])
          -> (a: f32[9,32], b: f32[9,32], c: f32[1,4,4,32], d: f32[9,32], e: f32[9,32]) {
          %0 = pack_weights(@w) : f32[32,4]
          %1 = linear(%x, %0) {packed = true} : f32[9,32]
          %2 = linear(%x, %0) {activation = gelu, packed = true} : f32[9,32]
          %3 = pack_weights(@k) {precision = bf16} : bf16[32,3,3,4]
          %4 = conv2d(%image, %3) {stride = 1, pad = [1, 1, 1, 1], precision = bf16, packed = true} : f32[1,4,4,32]
          %5 = linear(%x, %m) : f32[9,32]
          %6 = linear(%x, @trained) : f32[9,32]
          moving_average(&@trained, %m) {decay = 0.5}
          return %1, %2, %4, %5, %6
        }

        """)
  }

  @Test func nothingIsPackedUnlessAskedFor() throws { try expect(PackConstantWeights(), Self.before) }
}
