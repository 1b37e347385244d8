import Runtime

/// The input `key` of a program, which its random numbers follow: the seed of the run and the step. Programs in which
/// nothing is random have none.
struct RandomKey {
  private let words: UnsafeMutableBufferPointer<Int32>?

  init(_ program: Executable) throws { words = program.hasInput("key") ? try program.integerInput("key") : nil }

  /// Says which numbers the next run draws.
  func set(seed: Int, step: Int) {
    guard let words else { return }
    words[0] = Int32(truncatingIfNeeded: seed)
    words[1] = Int32(truncatingIfNeeded: step)
  }
}
