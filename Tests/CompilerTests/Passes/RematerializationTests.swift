import IR
import Ops
import Passes
import Testing

@Suite struct RematerializationTests {
  /// A norm and its activation come back from the statistics, next to the use that is far away.
  @Test func aNormIsAppliedAgain() throws {
    let far = (6...30).map { "        %\($0) = negate(%\($0 - 1)) : f32[2]\n" }.joined()
    func text(_ body: String) -> String {
      """
      program @p(%x: f32[8,32,32,4], %g: f32[4], %b: f32[4], %s: f32[2]) -> (a: f32[4], b: f32[2], c: f32[4]) {
      \(body)
      }
      """
    }
    try expect(
      Rematerialization(),
      text(
        """
        %0, %1, %2 = group_norm(%x, %g, %b) {groups = 2, epsilon = 1e-06, activation = silu} : f32[8,32,32,4], f32[8,2], f32[8,2]
        %3 = reduce_sum(%0) {start = 0, end = 3} : f32[4]
        %4 = negate(%s) : f32[2]
        %5 = negate(%4) : f32[2]
        \(far)
        %31 = reduce_sum(%0) {start = 0, end = 3} : f32[4]
        %32, %33, %34 = group_norm_gradient(%x, %g, %b, %1, %2, %x) {groups = 2, activation = silu} : f32[8,32,32,4], f32[4], f32[4]
        %35 = add(%31, %33) : f32[4]
        return %3, %30, %35
        """),
      becomes: text(
        """
        %0, %1, %2 = group_norm(%x, %g, %b) {groups = 2, epsilon = 1e-06, activation = silu} : f32[8,32,32,4], f32[8,2], f32[8,2]
        %3 = reduce_sum(%0) {start = 0, end = 3} : f32[4]
        %4 = negate(%s) : f32[2]
        %5 = negate(%4) : f32[2]
        \(far)
        %again = group_norm_apply(%x, %g, %b, %1, %2) {groups = 2, activation = silu} : f32[8,32,32,4]
        %31 = reduce_sum(%again) {start = 0, end = 3} : f32[4]
        %32, %33, %34 = group_norm_gradient(%x, %g, %b, %1, %2, %x) {groups = 2, activation = silu} : f32[8,32,32,4], f32[4], f32[4]
        %35 = add(%31, %33) : f32[4]
        return %3, %30, %35
        """))
  }

  /// Weights that one product reads side by side are joined again; a concatenation of other values is kept.
  @Test func weightsAreJoinedAgain() throws {
    let far = (4...30).map { "  %\($0) = negate(%\($0 - 1)) : f32[2]\n" }.joined()
    func text(_ late: String) -> String {
      """
      parameter @a : f32[64,64] = zeros
      parameter @b : f32[64,64] = zeros
      program @p(%x: f32[8,64], %y: f32[8,64], %s: f32[2], %c: f32[64,64]) -> (a: f32[8,128], b: f32[2], c: f32[8,128], d: f32[8,128], e: f32[8,128]) {
        %0 = concat(@a, @b) {axis = 0} : f32[128,64]
        %1 = linear(%x, %0) : f32[8,128]
        %k = concat(@a, %c) {axis = 0} : f32[128,64]
        %2 = linear(%x, %k) : f32[8,128]
        %3 = negate(%s) : f32[2]
      \(far)\(late)
        %32 = linear(%y, %k) : f32[8,128]
        return %1, %30, %31, %2, %32
      }
      """
    }
    try expect(
      Rematerialization(), text("  %31 = linear(%y, %0) : f32[8,128]"),
      becomes: text(
        """
          %again = concat(@a, @b) {axis = 0} : f32[128,64]
          %31 = linear(%y, %again) : f32[8,128]
        """))
  }
}
