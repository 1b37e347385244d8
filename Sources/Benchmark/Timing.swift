import Foundation
import Runtime

/// Times of repeated runs of one thing.
public struct Timing: Sendable {
  /// Seconds on the wall, sorted.
  public let wall: [Double]
  /// Seconds of processor time of the calling thread, sorted. With one thread they leave out what other programs took.
  public let processor: [Double]

  /// The middle run.
  public var median: Double { wall[wall.count / 2] }
  /// The fastest run.
  public var best: Double { wall[0] }
  /// The middle run's processor time.
  public var processorMedian: Double { processor[processor.count / 2] }

  /// Runs `body` until it has been measured `most` times, or at least thrice for `budget` seconds in all.
  ///
  /// - Parameter prepare: Runs before each run and is not measured.
  public init(budget: Double, most: Int = 1000, prepare: () throws -> Void, body: () -> Void) rethrows {
    for _ in 0..<2 {
      try prepare()
      body()
    }
    var (wall, processor): ([Double], [Double]) = ([], [])
    var spent = 0.0
    while wall.count < max(1, most) && (wall.count < 3 || spent < budget) {
      try prepare()
      let (wallStart, threadStart) = (Stopwatch.wall, Stopwatch.thread)
      body()
      wall.append(Stopwatch.wall - wallStart)
      processor.append(Stopwatch.thread - threadStart)
      spent += wall.last ?? 0
    }
    self.wall = wall.sorted()
    self.processor = processor.sorted()
  }
}
