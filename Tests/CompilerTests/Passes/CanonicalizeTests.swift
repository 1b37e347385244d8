import Passes
import Testing

@Suite struct CanonicalizeTests {
  @Test func factorsMergeAndIdentitiesVanish() throws {
    try expect(
      Canonicalize(),
      """
      program @p(%x: f32[2,3], %b: f32[3]) -> (a: f32[2,3], b: f32[2,3], c: f32[2,3], d: f32[2,3]) {
        %0 = affine(%x) {scale = 2.0, offset = 1.0} : f32[2,3]
        %1 = negate(%0) : f32[2,3]
        %2 = affine(%1) {scale = 3.0, offset = 0.5} : f32[2,3]
        %3 = stop_gradient(%x) : f32[2,3]
        %4 = affine(%3) {scale = 1.0, offset = 0.0} : f32[2,3]
        %5 = negate(%x) : f32[2,3]
        %6 = negate(%5) : f32[2,3]
        %7 = negate(%b) : f32[3]
        %8 = add(%x, %7) : f32[2,3]
        return %2, %4, %6, %8
      }
      """,
      becomes: """
        program @p(%x: f32[2,3], %b: f32[3]) -> (a: f32[2,3], b: f32[2,3], c: f32[2,3], d: f32[2,3]) {
          %0 = affine(%x) {scale = 2.0, offset = 1.0} : f32[2,3]
          %1 = affine(%x) {scale = -2.0, offset = -1.0} : f32[2,3]
          %2 = affine(%x) {scale = -6.0, offset = -2.5} : f32[2,3]
          %3 = negate(%x) : f32[2,3]
          %4 = negate(%b) : f32[3]
          %5 = subtract(%x, %b) : f32[2,3]
          return %2, %x, %x, %5
        }
        """)
  }

  @Test func constantsFold() throws {
    try expect(
      Canonicalize(),
      """
      program @p(%x: f32[2,3]) -> (a: f32[2,3], b: f32[3], c: f32[2,3]) {
        %0 = constant() {value = 2.0, shape = []} : f32[]
        %1 = affine(%0) {scale = 3.0, offset = 1.0} : f32[]
        %2 = broadcast(%1) {at = 0, extents = [2, 3]} : f32[2,3]
        %3 = multiply(%2, %x) : f32[2,3]
        %4 = reduce_sum(%2) {start = 0, end = 1} : f32[3]
        %5 = divide(%x, %0) : f32[2,3]
        return %3, %4, %5
      }
      """,
      becomes: """
        program @p(%x: f32[2,3]) -> (a: f32[2,3], b: f32[3], c: f32[2,3]) {
          %0 = constant() {value = 2.0, shape = []} : f32[]
          %1 = constant() {value = 7.0, shape = []} : f32[]
          %2 = constant() {value = 7.0, shape = [2, 3]} : f32[2,3]
          %3 = affine(%x) {scale = 7.0, offset = 0.0} : f32[2,3]
          %4 = constant() {value = 14.0, shape = [3]} : f32[3]
          %5 = affine(%x) {scale = 0.5, offset = 0.0} : f32[2,3]
          return %3, %4, %5
        }
        """)
  }

  @Test func shapesCancel() throws {
    try expect(
      Canonicalize(),
      """
      program @p(%x: f32[2,3,4]) -> (a: f32[2,3,4], b: f32[2,3,4], c: f32[4,2,3], d: f32[2,1,4]) {
        %0 = reshape(%x) {shape = [6, 4]} : f32[6,4]
        %1 = reshape(%0) {shape = [2, 3, 4]} : f32[2,3,4]
        %2 = transpose(%x) {permutation = [1, 0, 2]} : f32[3,2,4]
        %3 = transpose(%2) {permutation = [1, 0, 2]} : f32[2,3,4]
        %4 = transpose(%2) {permutation = [2, 1, 0]} : f32[4,2,3]
        %5 = slice(%x) {axis = 1, start = 1, end = 3} : f32[2,2,4]
        %6 = slice(%5) {axis = 1, start = 1, end = 2} : f32[2,1,4]
        return %1, %3, %4, %6
      }
      """,
      becomes: """
        program @p(%x: f32[2,3,4]) -> (a: f32[2,3,4], b: f32[2,3,4], c: f32[4,2,3], d: f32[2,1,4]) {
          %0 = reshape(%x) {shape = [6, 4]} : f32[6,4]
          %1 = transpose(%x) {permutation = [1, 0, 2]} : f32[3,2,4]
          %2 = transpose(%x) {permutation = [2, 0, 1]} : f32[4,2,3]
          %3 = slice(%x) {axis = 1, start = 1, end = 3} : f32[2,2,4]
          %4 = slice(%x) {axis = 1, start = 2, end = 3} : f32[2,1,4]
          return %x, %x, %2, %4
        }
        """)
  }

  @Test func slicesOfAJoinTakeItsParts() throws {
    try expect(
      Canonicalize(),
      """
      program @p(%x: f32[2,3], %y: f32[2,5]) -> (a: f32[2,5], b: f32[2,2], c: f32[2,5]) {
        %0 = concat(%x, %y) {axis = 1} : f32[2,8]
        %1 = slice(%0) {axis = 1, start = 3, end = 8} : f32[2,5]
        %2 = slice(%0) {axis = 1, start = 1, end = 3} : f32[2,2]
        %3 = slice(%y) {axis = 1, start = 0, end = 2} : f32[2,2]
        %4 = slice(%y) {axis = 1, start = 2, end = 5} : f32[2,3]
        %5 = concat(%3, %4) {axis = 1} : f32[2,5]
        return %1, %2, %5
      }
      """,
      becomes: """
        program @p(%x: f32[2,3], %y: f32[2,5]) -> (a: f32[2,5], b: f32[2,2], c: f32[2,5]) {
          %0 = concat(%x, %y) {axis = 1} : f32[2,8]
          %1 = slice(%x) {axis = 1, start = 1, end = 3} : f32[2,2]
          %2 = slice(%y) {axis = 1, start = 0, end = 2} : f32[2,2]
          %3 = slice(%y) {axis = 1, start = 2, end = 5} : f32[2,3]
          return %y, %1, %y
        }
        """)
  }

  /// The gradient of three slices of a joint projection.
  @Test func sumsOfPadsAreJoins() throws {
    try expect(
      Canonicalize(),
      """
      program @p(%q: f32[2,3], %k: f32[2,3], %v: f32[2,3]) -> (y: f32[2,9]) {
        %0 = pad(%v) {axis = 1, before = 6, after = 0} : f32[2,9]
        %1 = pad(%k) {axis = 1, before = 3, after = 3} : f32[2,9]
        %2 = add(%0, %1) : f32[2,9]
        %3 = pad(%q) {axis = 1, before = 0, after = 6} : f32[2,9]
        %4 = add(%2, %3) : f32[2,9]
        return %4
      }
      """,
      becomes: """
        program @p(%q: f32[2,3], %k: f32[2,3], %v: f32[2,3]) -> (y: f32[2,9]) {
          %0 = pad(%v) {axis = 1, before = 6, after = 0} : f32[2,9]
          %1 = pad(%k) {axis = 1, before = 3, after = 3} : f32[2,9]
          %2 = concat(%k, %v) {axis = 1} : f32[2,6]
          %3 = pad(%2) {axis = 1, before = 3, after = 0} : f32[2,9]
          %4 = pad(%q) {axis = 1, before = 0, after = 6} : f32[2,9]
          %5 = concat(%q, %2) {axis = 1} : f32[2,9]
          return %5
        }
        """)
  }

  @Test func sumsOfRepetitionsAreProducts() throws {
    try expect(
      Canonicalize(),
      """
      program @p(%x: f32[3], %y: f32[4,3]) -> (a: f32[3], b: f32[4,3], c: f32[]) {
        %0 = broadcast(%x) {at = 0, extents = [4]} : f32[4,3]
        %1 = reduce_sum(%0) {start = 0, end = 1} : f32[3]
        %2 = multiply(%0, %y) : f32[4,3]
        %3 = reduce_sum(%y) {start = 0, end = 1} : f32[3]
        %4 = reduce_sum(%3) {start = 0, end = 1} : f32[]
        return %1, %2, %4
      }
      """,
      becomes: """
        program @p(%x: f32[3], %y: f32[4,3]) -> (a: f32[3], b: f32[4,3], c: f32[]) {
          %0 = broadcast(%x) {at = 0, extents = [4]} : f32[4,3]
          %1 = affine(%x) {scale = 4.0, offset = 0.0} : f32[3]
          %2 = multiply(%y, %x) : f32[4,3]
          %3 = reduce_sum(%y) {start = 0, end = 1} : f32[3]
          %4 = reduce_sum(%y) {start = 0, end = 2} : f32[]
          return %1, %2, %4
        }
        """)
  }

  /// A copy of a symbol taken before an update keeps what the symbol was.
  @Test func copiesOfUpdatedSymbolsStay() throws {
    try expect(
      Canonicalize(),
      """
      state @s : f32[4] = zeros
      program @p(%x: f32[4]) -> (y: f32[4]) {
        %0 = affine(@s) {scale = 1.0, offset = 0.0} : f32[4]
        moving_average(&@s, %x) {decay = 0.5}
        return %0
      }
      """)
  }
}
