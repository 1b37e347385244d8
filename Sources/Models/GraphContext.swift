import IR
import Ops

/// What building a model needs besides its sizes: the builder, whether the graph trains, and randomness.
public final class GraphContext {
  /// Where operations go.
  public let builder: ProgramBuilder
  /// The (seed, step) pair of a training program; nil in programs without dropout.
  public let key: ValueID?
  private var nextStream = 0

  /// A context; `key` turns dropout on.
  public init(builder: ProgramBuilder, key: ValueID? = nil) {
    self.builder = builder
    self.key = key
  }

  /// A number that distinguishes one random draw of the program from all others.
  public func makeStream() -> Int {
    nextStream += 1
    return nextStream
  }

  /// Dropout in training programs, the identity elsewhere.
  public func dropout(_ x: ValueID, rate: Float) -> ValueID {
    guard let key, rate > 0 else { return x }
    return builder.emitOne(Dropout(rate: rate, stream: makeStream()), x, key)
  }
}
