import Passes
import Testing

@Suite struct FuseOptimizerTests {
  private static let symbols = """
    parameter @w : f32[4] = zeros
    parameter @b : f32[2] = zeros
    state @step : i32[] = zeros
    state @w.m : f32[4] = zeros
    state @w.v : f32[4] = zeros
    state @w.a : f32[4] = zeros
    state @b.m : f32[2] = zeros
    state @b.v : f32[2] = zeros
    state @b.a : f32[2] = zeros

    """

  @Test func updatesAveragesAndClippingAreOneOperation() throws {
    try expect(
      FuseOptimizer(),
      Self.symbols + """
        program @p(%gw: f32[4], %gb: f32[2], %rate: f32[]) -> (norm: f32[]) {
          %0 = gradient_norm(%gw, %gb) : f32[]
          %1 = affine(%0) {scale = 1.0, offset = 1e-06} : f32[]
          %2 = reciprocal(%1) : f32[]
          %3 = affine(%2) {scale = 0.5, offset = 0.0} : f32[]
          %4 = constant() {value = 1.0, shape = []} : f32[]
          %5 = minimum(%3, %4) : f32[]
          adam(&@w, &@w.m, &@w.v, %gw, %rate, %5, @step) {beta1 = 0.9, beta2 = 0.95, epsilon = 1e-08, weight_decay = 0.05}
          moving_average(&@w.a, @w) {decay = 0.99}
          adam(&@b, &@b.m, &@b.v, %gb, %rate, %5, @step) {beta1 = 0.9, beta2 = 0.95, epsilon = 1e-08, weight_decay = 0.0}
          moving_average(&@b.a, @b) {decay = 0.99}
          increment(&@step)
          return %0
        }
        """,
      becomes: Self.symbols + """
        program @p(%gw: f32[4], %gb: f32[2], %rate: f32[]) -> (norm: f32[]) {
          %0 = gradient_norm(%gw, %gb) : f32[]
          %1 = affine(%0) {scale = 1.0, offset = 1e-06} : f32[]
          %2 = reciprocal(%1) : f32[]
          %3 = affine(%2) {scale = 0.5, offset = 0.0} : f32[]
          %4 = constant() {value = 1.0, shape = []} : f32[]
          %5 = minimum(%3, %4) : f32[]
          adam_group(&@w, &@b, &@w.m, &@b.m, &@w.v, &@b.v, &@w.a, &@b.a, %gw, %gb, %rate, %0, @step) {beta1 = 0.9, beta2 = 0.95, epsilon = 1e-08, weight_decay = 0.05, decays = [1, 0], average = 0.99, clip = 0.5}
          increment(&@step)
          return %0
        }
        """)
  }

  @Test func aParameterReadInBetweenKeepsItsUpdateApart() throws {
    try expect(
      FuseOptimizer(),
      Self.symbols + """
        program @p(%gw: f32[4], %gb: f32[2], %rate: f32[]) -> (y: f32[4]) {
          adam(&@w, &@w.m, &@w.v, %gw, %rate, %rate, @step) {beta1 = 0.9, beta2 = 0.95, epsilon = 1e-08, weight_decay = 0.0}
          %0 = exp(@w) : f32[4]
          adam(&@b, &@b.m, &@b.v, %gb, %rate, %rate, @step) {beta1 = 0.9, beta2 = 0.95, epsilon = 1e-08, weight_decay = 0.0}
          return %0
        }
        """)
  }
}
