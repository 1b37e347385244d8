/// Measures the speed of training steps; what happens between `pause` and `resume` does not count.
struct StepClock {
  private var started: ContinuousClock.Instant?
  private var sinceReport = Duration.zero
  private var whole = Duration.zero
  private var reported: Int
  private let first: Int

  /// A clock that runs, before the first of the steps after `step`.
  init(step: Int) {
    first = step
    reported = step
    started = .now
  }

  mutating func pause() {
    guard let start = started else { return }
    let elapsed = ContinuousClock.now - start
    sinceReport += elapsed
    whole += elapsed
    started = nil
  }

  mutating func resume() { if started == nil { started = .now } }

  /// Steps per second since the last report, and the seconds that `left` more steps take at the average speed.
  mutating func report(step done: Int, left: Int) -> (rate: Double, secondsLeft: Double) {
    pause()
    resume()
    let rate = Double(done - reported) / max(1e-9, sinceReport / .seconds(1))
    let average = Double(done - first) / max(1e-9, whole / .seconds(1))
    reported = done
    sinceReport = .zero
    return (rate, Double(left) / max(average, 1e-9))
  }
}
